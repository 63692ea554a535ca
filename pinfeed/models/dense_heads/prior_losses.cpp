// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, AnchorHead.loss_by_feat_single and BBoxHead.loss.
#include "pinfeed/models/dense_heads/prior_losses.h"

#include "pinfeed/core/error.h"
#include "pinfeed/models/losses/head_losses.h"
#include "pinfeed/models/task_modules/box_coder.h"

namespace pinfeed {

void require_train_cfg(bool given) {
  if (given) return;
  throw Error(ErrorKind::config, "the model has no train_cfg to train with")
      .inside("model.train_cfg")
      .help("give it the train_cfg of mmdet's config of this model: its assigners and samplers");
}

torch::Tensor prior_box_loss(const PriorBoxLoss& params, const torch::Tensor& priors,
                             const torch::Tensor& codes, const torch::Tensor& truth,
                             double divisor) {
  if (params.decoded)
    return box_loss(params.loss, decoded_boxes(params.coder, priors, codes), truth, divisor);
  return box_loss(params.loss, codes, encoded_boxes(params.coder, priors, truth), divisor);
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schemas/model_list.h"

namespace pinfeed {
namespace {

template <class... Parts>
std::vector<PartDoc> docs_of() {
  return {schema_of<Parts>().doc()...};
}

}  // namespace

std::vector<PartDoc> model_docs() {
  return docs_of<MAE, MAEViT, MAEPretrainDecoder, MAEPretrainHead, PixelReconstructionLoss, FCOS,
                 ViT, SimpleFPN, FCOSHead, DenseTestCfg, Nms, FocalLoss, IoULoss, GIoULoss,
                 CrossEntropyLoss, LN, LN2d, GN, GELU, Conv2d, Pretrained>();
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schemas/layer_schemas.h"

#include <fmt/format.h>

#include "pinfeed/schemas/config_error.h"

namespace pinfeed {
namespace {

template <class Norm>
void require_trained(const Norm& norm) {
  if (norm.requires_grad) return;
  throw Error(ErrorKind::config,
              "requires_grad is False; frozen normalisation layers are not supported");
}

}  // namespace

void describe(Schema<LN>& schema) {
  schema.summary("Layer normalisation of tokens.")
      .optional("eps", &LN::eps, "added to the variance", at_least(0))
      .optional("requires_grad", &LN::requires_grad,
                "must be True: frozen layers are not supported")
      .check(require_trained<LN>);
}

void describe(Schema<LN2d>& schema) {
  schema.summary("Layer normalisation over the channels of each pixel.")
      .optional("eps", &LN2d::eps, "added to the variance", at_least(0))
      .optional("requires_grad", &LN2d::requires_grad,
                "must be True: frozen layers are not supported")
      .check(require_trained<LN2d>);
}

void describe(Schema<GN>& schema) {
  schema.summary("Group normalisation.")
      .optional("num_groups", &GN::num_groups, "number of groups; it must divide the channels",
                at_least(1))
      .optional("eps", &GN::eps, "added to the variance", at_least(0))
      .optional("requires_grad", &GN::requires_grad,
                "must be True: frozen layers are not supported")
      .check(require_trained<GN>);
}

void check_groups(const GN* norm, int channels, const std::string& key) {
  if (norm == nullptr || channels % norm->num_groups == 0) return;
  throw_config_error(
      fmt::format("num_groups {} does not divide {} {}", norm->num_groups, key, channels));
}

void describe(Schema<GELU>& schema) { schema.summary("The exact Gaussian error linear unit."); }

void describe(Schema<Conv2d>& schema) { schema.summary("A standard convolution."); }

void describe(Schema<Pretrained>& schema) {
  schema.summary("Initialises from the weights of a file.")
      .required("checkpoint", &Pretrained::checkpoint,
                "path of a .safetensors or .pth file; torchvision://, open-mmlab:// and URLs are "
                "looked up in --weights-dir")
      .optional("prefix", &Pretrained::prefix,
                "take only the tensors below it, 'backbone.', and remove it from their names")
      .accepted("map_location", "weights are read to the CPU first");
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/build/make_model.h"

#include "pinfeed/config/catalog.h"
#include "pinfeed/models/detectors/fcos.h"
#include "pinfeed/models/selfsup/mae.h"

namespace pinfeed {
namespace {

struct NoContext {};

// The networks of the menu: a new one needs its line here.
Catalog<std::shared_ptr<Model>, NoContext> networks() {
  Catalog<std::shared_ptr<Model>, NoContext> catalog("model");
  catalog.add_with<MAE>(
      [](const MAE& params, NoContext) { return std::make_shared<MaeNet>(params); });
  catalog.add_with<FCOS>(
      [](const FCOS& params, NoContext) { return std::make_shared<FcosNet>(params); });
  return catalog;
}

// MKL's vector functions choose their kernels at the first call of a process. When two threads make
// that call at once, one of them now and then computes with another kernel, and the last bits of
// the result differ from run to run. A first call on one thread settles it.
void settle_vector_functions() { static const torch::Tensor settled = torch::ones(1).exp(); }

}  // namespace

std::shared_ptr<Model> make_model(const Value& model, const std::string& path) {
  settle_vector_functions();
  return networks().make(model, path, {});
}

}  // namespace pinfeed

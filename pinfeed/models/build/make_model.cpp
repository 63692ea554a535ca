// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/build/make_model.h"

#include <tuple>

#include "pinfeed/config/catalog.h"
#include "pinfeed/models/build/make_detector.h"
#include "pinfeed/models/selfsup/mae.h"
#include "pinfeed/schemas/model_list.h"

namespace pinfeed {
namespace {

using BuiltModels = Catalog<std::shared_ptr<Model>, NoContext>;

// One entry for each model of the list, built by its make_network().
template <class... Models>
BuiltModels catalog_of(const std::tuple<Models...>*) {
  BuiltModels catalog("model");
  (catalog.template add_with<Models>(
       [](const Models& params, NoContext) { return make_network(params); }),
   ...);
  return catalog;
}

// MKL's vector functions choose their kernels at the first call of a process. When two threads make
// that call at the same time, one of them sometimes computes with another kernel, and the last bits
// of the result differ from run to run. A first call on one thread avoids this.
void initialize_vector_math() { static const torch::Tensor first_call = torch::ones(1).exp(); }

}  // namespace

std::shared_ptr<Model> make_model(const Value& model, const std::string& path,
                                  const ModelCatalog& added) {
  initialize_vector_math();
  if (added.has(type_of(model, path).name)) return added.make(model, path, {})();
  return catalog_of(static_cast<const BuiltinModels*>(nullptr)).make(model, path, {});
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/catalogs.h"

#include <tuple>

#include "pinfeed/data/collates.h"
#include "pinfeed/data/datasets.h"
#include "pinfeed/data/samplers.h"
#include "pinfeed/data/transforms.h"

namespace pinfeed {
namespace {

template <class... Parts, class SomeCatalog>
void add_all(SomeCatalog& catalog, const std::tuple<Parts...>*) {
  (catalog.template add<Parts>(), ...);
}

}  // namespace

Catalogs builtin() {
  Catalogs catalogs;
  add_all(catalogs.transforms, static_cast<const BuiltinTransforms*>(nullptr));
  add_all(catalogs.datasets, static_cast<const BuiltinDatasets*>(nullptr));
  add_all(catalogs.samplers, static_cast<const BuiltinSamplers*>(nullptr));
  add_all(catalogs.batch_samplers, static_cast<const BuiltinBatchSamplers*>(nullptr));
  add_all(catalogs.collates, static_cast<const BuiltinCollates*>(nullptr));
  return catalogs;
}

std::vector<Transform> make_steps(const ConfigSteps& steps, const BuildContext& context) {
  std::vector<Transform> made;
  for (const Value& step : steps.value.items()) {
    const std::string path = steps.path + "[" + std::to_string(made.size()) + "]";
    made.push_back(context.catalogs->transforms.make(step, path, context));
    made.back().config_path = path;
    made.back().place = step.place();
  }
  return made;
}

}  // namespace pinfeed

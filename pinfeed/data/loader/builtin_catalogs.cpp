// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/loader/builtin_catalogs.h"

#include <tuple>

#include "pinfeed/data/collates/list.h"
#include "pinfeed/data/datasets/list.h"
#include "pinfeed/data/samplers/list.h"
#include "pinfeed/data/transforms/list.h"

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

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schemas/model_list.h"

namespace pinfeed {
namespace {

template <class... Parts>
void append_docs(std::vector<PartDoc>& docs, const std::tuple<Parts...>*) {
  (docs.push_back(schema_of<Parts>().doc()), ...);
}

// A null pointer carries the type: the parts themselves are not constructed.
template <class... Lists>
std::vector<PartDoc> docs_of_lists() {
  std::vector<PartDoc> docs;
  (append_docs(docs, static_cast<const Lists*>(nullptr)), ...);
  return docs;
}

}  // namespace

std::vector<PartDoc> model_docs() {
  return docs_of_lists<BuiltinModels, BuiltinBackbones, BuiltinNecks, BuiltinHeads, BuiltinLosses,
                       BuiltinLayers, BuiltinModelOptions>();
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/config/value/dict_builder.h"

namespace pinfeed {

void DictBuilder::set(Key key, Value value, SourceSpan span) {
  auto& entries = dict_.entries();
  const auto [index, added] =
      index_.try_emplace((key.integer ? "i" : "s") + key.text, entries.size());
  Dict::Entry entry = {std::move(key), std::move(value), std::move(span)};
  if (added) {
    entries.push_back(std::move(entry));
  } else {
    entries[index->second] = std::move(entry);
  }
}

}  // namespace pinfeed

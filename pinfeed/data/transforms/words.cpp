// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/transforms/words.h"

namespace pinfeed {

LocalFiles Converter<LocalFiles>::from(const Value& value, const std::string& path) {
  const Value* backend = value.find("backend");
  const bool local = backend != nullptr && backend->is_string() && backend->string() == "local";
  if (value.is_none() || local || (value.is_dict() && value.dict().empty())) return {};
  throw wrong_type(value, path, wanted()).help("files are read from the local file system only");
}

}  // namespace pinfeed

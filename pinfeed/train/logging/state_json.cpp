// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/logging/state_json.h"

#include "pinfeed/config/read_json.h"

namespace pinfeed {

Dict read_state(const std::string& text, const std::string& path) {
  try {
    return read_json(std::make_shared<const SourceText>(SourceText{path, text}));
  } catch (const Error& error) {
    throw Error(ErrorKind::data, "the state in " + path + " is broken: " + error.text());
  }
}

}  // namespace pinfeed

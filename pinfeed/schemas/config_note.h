// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace pinfeed {

/// A key of a config that asks for something that pinfeed does not do, without a change of the
/// result: training warns of it, `config --check` shows it as ignored.
struct ConfigNote {
  std::string path = {};    // of the key: "custom_hooks[1]"
  std::string what = {};    // "EmptyCacheHook"
  std::string reason = {};  // "torch keeps its memory"

  /// "EmptyCacheHook is ignored: torch keeps its memory"
  std::string text() const { return what + " is ignored: " + reason; }
};

using ConfigNotes = std::vector<ConfigNote>;

}  // namespace pinfeed

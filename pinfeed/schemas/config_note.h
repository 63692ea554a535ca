// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace pinfeed {

/// A key of a config that asks for something that pinfeed does not do, without a change of the
/// result: training warns of it, `config --check` shows it as ignored.
struct ConfigNote {
  std::string path = {};    // of the key: "visualizer.vis_backends[1]"
  std::string what = {};    // "TensorboardVisBackend"
  std::string reason = {};  // "logs are files in the work dir"

  /// "TensorboardVisBackend is ignored: logs are files in the work dir"
  std::string text() const { return what + " is ignored: " + reason; }
};

using ConfigNotes = std::vector<ConfigNote>;

}  // namespace pinfeed

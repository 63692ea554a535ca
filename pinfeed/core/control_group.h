// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace pinfeed {

/// What the control groups (cgroups) of this process allow it. Empty: no limit is known.
struct GroupLimits {
  std::optional<std::size_t> memory_bytes = {};
  std::optional<double> cpus = {};  // quota divided by period: 1.5 is one CPU and a half
};

/// Reads the limits, of version 1 and version 2, of the groups of this process and of all groups
/// above them that are visible: the lowest limit counts. `root` is a folder before all paths, for
/// tests.
GroupLimits group_limits(const std::string& root = "");

}  // namespace pinfeed

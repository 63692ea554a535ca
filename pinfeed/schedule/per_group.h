// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

namespace pinfeed {

/// A number for all groups of parameters, or a list with one for each.
using PerGroup = std::variant<double, std::vector<double>>;

/// The number of a group; behind the end of a list its last one.
double of_group(const PerGroup& numbers, std::size_t group);

/// Throws Error(config) when a list has another length: "OneCycleLR's eta_max has 2 numbers for 1
/// groups".
void check_groups(const PerGroup& numbers, std::size_t groups, const std::string& what);

}  // namespace pinfeed

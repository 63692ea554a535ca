// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

namespace pinfeed {

/// A number for all groups of parameters, or a list with one for each.
using PerGroup = std::variant<double, std::vector<double>>;

/// The number of a group. For a group after the end of a list it is the last number.
double value_for_group(const PerGroup& numbers, std::size_t group);

/// Throws Error(config) when a list does not have one number for each of the `groups`. `what`
/// begins the message: "OneCycleLR's eta_max".
void check_group_count(const PerGroup& numbers, std::size_t groups, const std::string& what);

}  // namespace pinfeed

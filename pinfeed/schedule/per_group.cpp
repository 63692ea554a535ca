// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schedule/per_group.h"

#include <algorithm>

#include "pinfeed/core/error.h"

namespace pinfeed {

double value_for_group(const PerGroup& numbers, std::size_t group) {
  if (const double* same = std::get_if<double>(&numbers)) return *same;
  const auto& list = std::get<std::vector<double>>(numbers);
  return list[std::min(group, list.size() - 1)];
}

void check_group_count(const PerGroup& numbers, std::size_t groups, const std::string& what) {
  const auto* list = std::get_if<std::vector<double>>(&numbers);
  if (list == nullptr || list->size() == groups) return;
  throw Error(ErrorKind::config, what + " has " + std::to_string(list->size()) +
                                     " numbers; the groups of parameters are " +
                                     std::to_string(groups))
      .help("write one number for all groups, or one for each");
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/run/shared_cores.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

#include "pinfeed/core/control_group.h"
#include "pinfeed/core/core_numbers.h"
#include "pinfeed/train/distributed/process_identity.h"

namespace pinfeed {

UsableCores own_usable_cores() {
  return {.machine = own_machine(),
          .group = own_machine() + own_process_space(),
          .quota = group_limits().cpus.value_or(0.0),
          .numbers = core_numbers()};
}

std::string text_of(const UsableCores& cores) {
  return fmt::format("{} {} {} {}", cores.machine, cores.group, cores.quota,
                     fmt::join(cores.numbers, " "));
}

UsableCores usable_cores_from(const std::string& text) {
  UsableCores cores;
  std::istringstream words(text);
  words >> cores.machine >> cores.group >> cores.quota;
  for (int number = 0; words >> number;) cores.numbers.push_back(number);
  return cores;
}

int share_of_cores(const std::vector<UsableCores>& ranks, std::size_t rank) {
  const UsableCores& own = ranks[rank];
  std::vector<int> used;  // the cores of all ranks of this machine
  for (const UsableCores& other : ranks)
    if (other.machine == own.machine)
      used.insert(used.end(), other.numbers.begin(), other.numbers.end());
  double share = 0.0;
  for (const int number : own.numbers)
    share +=
        1.0 / static_cast<double>(std::max<std::ptrdiff_t>(1, std::ranges::count(used, number)));
  if (own.quota > 0.0) {
    const auto sharing = std::ranges::count(ranks, own.group, &UsableCores::group);
    share = std::min(share, own.quota / static_cast<double>(sharing));
  }
  constexpr double rounding = 1e-6;  // of the sum: 3 times a third is one core
  return std::max(1, static_cast<int>(share + rounding));
}

int share_of_cores(ProcessGroup& group) {
  std::vector<UsableCores> ranks;
  for (const std::string& text : group.all_gather(text_of(own_usable_cores())))
    ranks.push_back(usable_cores_from(text));
  return share_of_cores(ranks, static_cast<std::size_t>(group.rank()));
}

}  // namespace pinfeed

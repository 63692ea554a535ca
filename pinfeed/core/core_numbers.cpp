// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/core_numbers.h"

#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <numeric>
#include <thread>

namespace pinfeed {
namespace {

// Empty if the system does not tell.
std::vector<cpu_set_t> affinity_mask() {
  constexpr std::size_t most = std::size_t{1} << 16U;  // the call fails if the mask is too short
  std::vector<cpu_set_t> mask(1);
  while (::sched_getaffinity(0, mask.size() * sizeof(cpu_set_t), mask.data()) != 0) {
    if (errno != EINVAL || mask.size() * CPU_SETSIZE >= most) return {};
    mask.resize(2 * mask.size());
  }
  return mask;
}

}  // namespace

std::vector<int> core_numbers() {
  const std::vector<cpu_set_t> mask = affinity_mask();
  const std::size_t bytes = mask.size() * sizeof(cpu_set_t);
  std::vector<int> numbers;
  for (std::size_t cpu = 0; cpu < mask.size() * CPU_SETSIZE; ++cpu)
    if (CPU_ISSET_S(cpu, bytes, mask.data())) numbers.push_back(static_cast<int>(cpu));
  if (!numbers.empty()) return numbers;
  numbers.resize(std::max(1U, std::thread::hardware_concurrency()));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

}  // namespace pinfeed

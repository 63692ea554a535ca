// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <string>

namespace pinfeed::test {

/// The bytes in a line of /proc/self/status, such as "VmLck".
inline std::size_t status_bytes(const std::string& wanted) {
  std::ifstream status("/proc/self/status");
  for (std::string key; status >> key;) {
    std::size_t kib = 0;
    if (key == wanted + ":" && status >> kib) return kib * 1024;
  }
  return 0;
}

/// How many bytes the peak of this process' memory rises above what it uses before the call.
template <class Function>
std::size_t peak_memory_of(const Function& function) {
  std::ofstream("/proc/self/clear_refs") << 5;  // the peak is what is in use now
  const std::size_t before = status_bytes("VmRSS");
  function();
  const std::size_t peak = status_bytes("VmHWM");
  return peak - std::min(peak, before);
}

}  // namespace pinfeed::test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace pinfeed {

/// Scheduling priority of worker threads. `background` is lower than that of the training thread
/// (nice + 5 on Linux, where permitted).
enum class Priority { normal, background };

/// Sets the name of the calling thread, cut to 15 bytes, and its priority.
void set_thread(const std::string& name, Priority priority);

}  // namespace pinfeed

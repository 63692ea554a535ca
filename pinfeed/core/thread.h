// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace pinfeed {

/// Scheduling priority of worker threads. `background` gives way to the training thread
/// (nice + 5 on Linux, where allowed).
enum class Priority { normal, background };

/// Names the calling thread (for debuggers and traces; at most 15 bytes are kept) and sets its
/// priority.
void set_thread(const std::string& name, Priority priority);

}  // namespace pinfeed

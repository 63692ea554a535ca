// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <thread>

namespace pinfeed {

/// Scheduling priority of worker threads. `background` is below that of the thread that starts it:
/// its nice value is higher by 5, up to 19, where the system permits it.
enum class Priority { normal, background };

/// Starts a thread with a name, of which the system keeps 15 bytes. Throws Error(system) if the
/// system cannot start one: see `ulimit -u` and pids.max of the control group.
std::thread start_thread(const std::string& name, Priority priority, std::function<void()> work);

/// The CPUs that this process may use at once: those of its affinity mask (`taskset`), and no more
/// than the CPU quota of its control group, rounded up. At least 1.
int usable_cores();

}  // namespace pinfeed

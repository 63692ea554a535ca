// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/thread.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <system_error>
#include <utility>

#include "pinfeed/core/control_group.h"
#include "pinfeed/core/core_numbers.h"
#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

// A new thread has the nice value of the thread that started it.
void lower_priority() {
  constexpr int step = 5;
  constexpr int lowest = 19;
  const auto thread = static_cast<id_t>(::syscall(SYS_gettid));
  errno = 0;
  const int nice = ::getpriority(PRIO_PROCESS, thread);
  if (errno != 0) return;
  ::setpriority(PRIO_PROCESS, thread, std::min(nice + step, lowest));  // works without it too
}

}  // namespace

std::thread start_thread(const std::string& name, Priority priority, std::function<void()> work) {
  try {
    return std::thread([name, priority, work = std::move(work)] {
      pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
      if (priority == Priority::background) lower_priority();
      work();
    });
  } catch (const std::system_error& error) {
    errno = error.code().value();
    throw Error(ErrorKind::system, "cannot start the thread " + name + ": " + system_reason())
        .help(
            "use fewer threads, or raise the limit of threads: 'ulimit -u', or pids.max of the "
            "control group");
  }
}

int usable_cores() {
  int cores = static_cast<int>(core_numbers().size());
  const std::optional<double> quota = group_limits().cpus;
  if (quota && *quota < cores) cores = static_cast<int>(std::ceil(*quota));
  return std::max(1, cores);
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/thread.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace pinfeed {

void set_thread(const std::string& name, Priority priority) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
  if (priority == Priority::normal) return;
  const auto thread = static_cast<id_t>(::syscall(SYS_gettid));
  ::setpriority(PRIO_PROCESS, thread, 5);  // works without it too
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/thread_pool.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <limits>

namespace pinfeed {

void set_thread(const std::string& name, Priority priority) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
  if (priority == Priority::normal) return;
  const auto thread = static_cast<id_t>(::syscall(SYS_gettid));
  ::setpriority(PRIO_PROCESS, thread, 5);  // a refusal costs only politeness
}

ThreadPool::ThreadPool(int count, const std::string& name, Priority priority)
    : jobs_(std::numeric_limits<std::size_t>::max()) {
  for (int i = 0; i < count; ++i) {
    threads_.emplace_back([this, name, priority, i] {
      set_thread(name + "-" + std::to_string(i), priority);
      while (std::optional<std::function<void()>> job = jobs_.pop()) (*job)();
    });
  }
}

ThreadPool::~ThreadPool() {
  jobs_.close();
  for (std::thread& thread : threads_) thread.join();
}

void ThreadPool::run(std::function<void()> job) { jobs_.push(std::move(job)); }

}  // namespace pinfeed

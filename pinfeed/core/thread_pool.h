// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "pinfeed/core/queue.h"

namespace pinfeed {

/// Scheduling priority of worker threads. `background` gives way to the training thread
/// (nice + 5 on Linux, where allowed).
enum class Priority { normal, background };

/// Names the calling thread (for debuggers and traces) and sets its priority.
void set_thread(const std::string& name, Priority priority);

/// `count` threads that run the jobs they are given, first in first out. Jobs must not throw.
class ThreadPool {
 public:
  ThreadPool(int count, const std::string& name, Priority priority);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  /// Runs what was given, then ends the threads.
  ~ThreadPool();

  void run(std::function<void()> job);
  int count() const { return static_cast<int>(threads_.size()); }

 private:
  BoundedQueue<std::function<void()>> jobs_;
  std::vector<std::thread> threads_;
};

}  // namespace pinfeed

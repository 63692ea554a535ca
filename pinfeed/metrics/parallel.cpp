// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/metrics/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

#include "pinfeed/core/thread.h"

namespace pinfeed {
namespace {

// Ranges are taken in order. When one fails, no further one begins, and all earlier ones end: the
// first failure does not depend on the number of threads.
class Ranges {
 public:
  Ranges(std::size_t count, std::size_t block,
         const std::function<void(std::size_t, std::size_t)>& work)
      : count_(count), block_(block), work_(&work) {}

  void run() {
    while (!failed_.load(std::memory_order_relaxed)) {
      const std::size_t begin = next_.fetch_add(block_, std::memory_order_relaxed);
      if (begin >= count_) return;
      try {
        (*work_)(begin, std::min(count_, begin + block_));
      } catch (...) {
        note_failure(begin, std::current_exception());
      }
    }
  }
  void rethrow() const {
    if (first_failure_) std::rethrow_exception(first_failure_);
  }

 private:
  void note_failure(std::size_t begin, std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    failed_ = true;
    if (begin > failed_at_) return;
    failed_at_ = begin;
    first_failure_ = std::move(failure);
  }

  std::size_t count_;
  std::size_t block_;
  const std::function<void(std::size_t, std::size_t)>* work_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_ = {};
  std::size_t failed_at_ = std::numeric_limits<std::size_t>::max();
  std::exception_ptr first_failure_ = {};
};

}  // namespace

void for_ranges(std::size_t count, std::size_t block, int threads,
                const std::function<void(std::size_t begin, std::size_t end)>& work) {
  Ranges ranges(count, block, work);
  const std::size_t blocks = (count + block - 1) / block;
  const std::size_t others = std::min(blocks, static_cast<std::size_t>(threads));
  std::vector<std::thread> started;
  try {
    started.reserve(others);  // so that a thread that runs is always joined
    for (std::size_t i = 1; i < others; ++i) {
      started.push_back(start_thread("evaluate", Priority::normal, [&ranges] { ranges.run(); }));
    }
  } catch (...) {
    // A thread or its memory was refused: those that run do all of the work.
  }
  ranges.run();
  for (std::thread& thread : started) thread.join();
  ranges.rethrow();
}

}  // namespace pinfeed

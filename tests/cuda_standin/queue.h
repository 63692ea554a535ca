// SPDX-License-Identifier: Apache-2.0
// Streams and events of the stand-in: a thread that does work in order, and a counter.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <functional>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

namespace pinfeed::standin {

/// The number in a variable of the environment; 0 without it.
inline long number_of(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? 0 : std::atol(text);
}

// The work of a stream, in order.
class Queue {
 public:
  Queue() : thread_([this] { run(); }) {}
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;
  ~Queue() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void push(std::function<void()> work) {
    {
      const std::lock_guard lock(mutex_);
      works_.push_back(std::move(work));
    }
    changed_.notify_all();
  }
  void finish() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return works_.empty() && !busy_; });
  }

 private:
  void run() {
    std::mt19937 random(7);
    const long most = number_of("STANDIN_DELAY_US");
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return closed_ || !works_.empty(); });
      if (works_.empty()) return;
      const std::function<void()> work = std::move(works_.front());
      works_.pop_front();
      busy_ = true;
      lock.unlock();
      if (most > 0) {
        std::this_thread::sleep_for(
            std::chrono::microseconds(static_cast<long>(random()) % (most + 1)));
      }
      work();
      lock.lock();
      busy_ = false;
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> works_ = {};
  bool busy_ = false;
  bool closed_ = false;
  std::thread thread_;
};

// Recording takes the next number, and the stream stamps it.
struct Counter {
  std::mutex mutex;
  std::condition_variable changed;
  std::uint64_t recorded = 0;
  std::uint64_t stamped = 0;

  std::uint64_t newest() {
    const std::lock_guard lock(mutex);
    return recorded;
  }
  void stamp(std::uint64_t number) {
    {
      const std::lock_guard lock(mutex);
      stamped = std::max(stamped, number);
    }
    changed.notify_all();
  }
  void wait_for(std::uint64_t number) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return stamped >= number; });
  }
};

}  // namespace pinfeed::standin

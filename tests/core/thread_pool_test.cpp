// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/thread_pool.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <mutex>
#include <set>

namespace pinfeed {
namespace {

std::string own_name() {
  std::array<char, 16> name = {};
  ::pthread_getname_np(::pthread_self(), name.data(), name.size());
  return name.data();
}

int own_niceness() {
  return ::getpriority(PRIO_PROCESS, static_cast<::id_t>(::syscall(SYS_gettid)));
}

template <class Function>
auto result_of(ThreadPool& pool, Function function) {
  std::promise<decltype(function())> promise;
  pool.run([&] { promise.set_value(function()); });
  return promise.get_future().get();
}

TEST(ThreadPool, RunsAllItWasGivenBeforeItEnds) {
  std::atomic<int> done = 0;
  {
    ThreadPool pool(3, "test", Priority::normal);
    EXPECT_EQ(pool.count(), 3);
    for (int i = 0; i < 1000; ++i) pool.run([&done] { ++done; });
  }
  EXPECT_EQ(done, 1000);
}

TEST(ThreadPool, RunsJobsInOrderOnOneThread) {
  std::vector<int> order;
  {
    ThreadPool pool(1, "test", Priority::normal);
    for (int i = 0; i < 100; ++i) pool.run([&order, i] { order.push_back(i); });
  }
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

// Each job waits for the others: with fewer threads than jobs this would hang.
TEST(ThreadPool, RunsAsManyJobsAtOnceAsItHasThreads) {
  std::atomic<int> inside = 0;
  ThreadPool pool(3, "test", Priority::normal);
  for (int i = 0; i < 3; ++i) {
    pool.run([&inside] {
      ++inside;
      while (inside < 3) std::this_thread::yield();
    });
  }
}

TEST(ThreadPool, NamesItsThreads) {
  ThreadPool pool(1, "pinfeed-io", Priority::normal);
  EXPECT_EQ(result_of(pool, own_name), "pinfeed-io-0");
}

TEST(ThreadPool, CutsLongNamesAsTheSystemDoes) {
  ThreadPool pool(1, "a-name-of-more-than-15", Priority::normal);
  EXPECT_EQ(result_of(pool, own_name), "a-name-of-more-");
}

TEST(ThreadPool, GivesWayInTheBackground) {
  ThreadPool normal(1, "test", Priority::normal);
  const int usual = result_of(normal, own_niceness);
  ThreadPool background(1, "test", Priority::background);
  EXPECT_GE(result_of(background, own_niceness), std::max(usual, 5));
}

}  // namespace
}  // namespace pinfeed

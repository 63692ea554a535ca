// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

namespace pinfeed {
namespace {

TEST(BoundedQueue, KeepsTheOrder) {
  BoundedQueue<int> queue(3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(queue.push(i));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(queue.pop(), i);
}

TEST(BoundedQueue, TakesThingsThatOnlyMove) {
  BoundedQueue<std::unique_ptr<int>> queue(1);
  queue.push(std::make_unique<int>(5));
  EXPECT_EQ(**queue.pop(), 5);
}

TEST(BoundedQueue, WaitsForRoom) {
  BoundedQueue<int> queue(1);
  queue.push(1);
  std::atomic<bool> pushed = false;
  std::thread waiting([&] {
    queue.push(2);
    pushed = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_FALSE(pushed);
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_EQ(queue.pop(), 2);
  waiting.join();
}

TEST(BoundedQueue, GivesWhatIsLeftAfterItWasClosed) {
  BoundedQueue<int> queue(2);
  queue.push(1);
  queue.close();
  EXPECT_FALSE(queue.push(2));
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_EQ(queue.pop(), std::nullopt);
}

TEST(BoundedQueue, WakesEverybodyWhenItIsClosed) {
  BoundedQueue<int> empty(1);
  BoundedQueue<int> full(1);
  full.push(1);
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] { EXPECT_EQ(empty.pop(), std::nullopt); });
    threads.emplace_back([&] { EXPECT_FALSE(full.push(2)); });
  }
  empty.close();
  full.close();
  for (std::thread& thread : threads) thread.join();
}

TEST(BoundedQueue, LosesAndDoublesNothingBetweenManyThreads) {
  constexpr int each = 2000;
  constexpr int pairs = 3;
  BoundedQueue<int> queue(4);
  std::vector<std::vector<int>> taken(pairs);
  std::vector<std::thread> writers;
  std::vector<std::thread> readers;
  for (int i = 0; i < pairs; ++i) {
    writers.emplace_back([&queue, i] {
      for (int j = 0; j < each; ++j) queue.push(i * each + j);
    });
    readers.emplace_back([&queue, &mine = taken[static_cast<std::size_t>(i)]] {
      while (const std::optional<int> item = queue.pop()) mine.push_back(*item);
    });
  }
  for (std::thread& writer : writers) writer.join();
  queue.close();
  for (std::thread& reader : readers) reader.join();
  std::vector<int> all;
  for (const std::vector<int>& mine : taken) all.insert(all.end(), mine.begin(), mine.end());
  std::sort(all.begin(), all.end());
  std::vector<int> expected(pairs * each);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(all, expected);
}

}  // namespace
}  // namespace pinfeed

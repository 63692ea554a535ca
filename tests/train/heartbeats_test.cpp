// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/distributed/heartbeats.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <stdexcept>

namespace pinfeed {
namespace {

// A store in the memory of this process.
struct Store {
  std::mutex mutex;
  std::map<std::string, std::string> values;
  bool answers = true;

  SharedKeys keys() {
    return {.set =
                [this](const std::string& key, const std::string& value) {
                  const std::lock_guard lock(mutex);
                  if (!answers) throw std::runtime_error("no answer");
                  values[key] = value;
                },
            .find = [this](const std::string& key) -> std::optional<std::string> {
              const std::lock_guard lock(mutex);
              if (!answers) throw std::runtime_error("no answer");
              const auto found = values.find(key);
              return found == values.end() ? std::nullopt : std::optional(found->second);
            }};
  }
};

constexpr double interval = 0.02;
constexpr double dead_after = 0.3;
constexpr auto long_enough = std::chrono::seconds(10);

struct Watcher {
  Watcher(Store& store, int rank, int world_size)
      : heartbeats(store.keys(),
                   {.rank = rank,
                    .world_size = world_size,
                    .interval = interval,
                    .dead_after = dead_after},
                   [this] { death.set_value(); }) {}

  std::promise<void> death = {};
  Heartbeats heartbeats;
};

bool dies(Watcher& watcher, std::chrono::milliseconds within) {
  return watcher.death.get_future().wait_for(within) == std::future_status::ready;
}

TEST(Heartbeats, OfLivingRanksFindNothing) {
  Store store;
  Watcher first(store, 0, 2);
  Watcher second(store, 1, 2);
  first.heartbeats.count_operation();
  EXPECT_FALSE(dies(first, std::chrono::milliseconds(600)));
  EXPECT_EQ(beat_of(store.keys(), 0)->operations, 1);
  EXPECT_GT(beat_of(store.keys(), 1)->count, 2);
  EXPECT_FALSE(first.heartbeats.dead().any());
}

TEST(Heartbeats, NameARankThatIsSilent) {
  Store store;
  Watcher first(store, 0, 3);
  Watcher third(store, 2, 3);
  {
    const Watcher second(store, 1, 3);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_TRUE(dies(first, long_enough));
  EXPECT_TRUE(dies(third, long_enough));
  EXPECT_EQ(first.heartbeats.dead().ranks, std::vector<int>{1});
  EXPECT_EQ(third.heartbeats.dead().ranks, std::vector<int>{1});
  EXPECT_EQ(declared_dead(store.keys()).ranks, std::vector<int>{1});
}

TEST(Heartbeats, OfALaterRankWatchTheFirst) {
  Store store;
  Watcher second(store, 1, 2);
  EXPECT_TRUE(dies(second, long_enough));
  EXPECT_EQ(second.heartbeats.dead().ranks, std::vector<int>{0});
}

TEST(Heartbeats, NoticeThatTheStoreIsLost) {
  Store store;
  Watcher first(store, 0, 1);
  {
    const std::lock_guard lock(store.mutex);
    store.answers = false;
  }
  EXPECT_TRUE(dies(first, long_enough));
  EXPECT_TRUE(first.heartbeats.dead().store_is_lost);
}

}  // namespace
}  // namespace pinfeed

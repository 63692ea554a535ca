// SPDX-License-Identifier: Apache-2.0
// A rank whose process has ended, is stopped, or cannot reach the store writes no signs of life. A
// rank that only waits, for data or for others, does: its thread goes on. Clocks of machines are
// not compared: what counts is how long a number has not changed.
#include "pinfeed/train/distributed/heartbeats.h"

#include <chrono>
#include <exception>
#include <sstream>
#include <utility>

#include "pinfeed/core/clock.h"
#include "pinfeed/core/thread.h"

namespace pinfeed {
namespace {

constexpr auto dead_key = "dead";

std::string key_of(int rank) { return "beat/" + std::to_string(rank); }

}  // namespace

std::optional<Beat> beat_of(const SharedKeys& keys, int rank) {
  const std::optional<std::string> text = keys.find(key_of(rank));
  if (!text) return std::nullopt;
  Beat beat;
  std::istringstream(*text) >> beat.count >> beat.operations;
  return beat;
}

DeadRanks declared_dead(const SharedKeys& keys) {
  DeadRanks dead;
  std::istringstream words(keys.find(dead_key).value_or(""));
  for (int rank = 0; words >> rank;) dead.ranks.push_back(rank);
  return dead;
}

void declare_dead(const SharedKeys& keys, const std::vector<int>& ranks) {
  std::string text;
  for (const int rank : ranks) text += std::to_string(rank) + " ";
  keys.set(dead_key, text);
}

Heartbeats::Heartbeats(SharedKeys keys, const HeartbeatOptions& options,
                       std::function<void()> on_death)
    : keys_(std::move(keys)),
      options_(options),
      on_death_(std::move(on_death)),
      seen_(static_cast<std::size_t>(options.world_size), Seen{0, clock_seconds()}) {
  thread_ = start_thread("heartbeats", Priority::normal, [this] { run(); });
}

Heartbeats::~Heartbeats() { stop(); }

void Heartbeats::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopped_.notify_all();
  if (thread_.joinable()) thread_.join();
}

DeadRanks Heartbeats::dead() const {
  const std::lock_guard lock(mutex_);
  return dead_;
}

void Heartbeats::run() {
  for (;;) {
    DeadRanks found;
    try {
      beat();
      found = search();
    } catch (const std::exception&) {
      found.store_is_lost = true;
    }
    std::unique_lock lock(mutex_);
    if (stop_) return;
    if (found.any()) {
      dead_ = found;
      lock.unlock();
      return on_death_();
    }
    const auto pause = std::chrono::duration<double>(options_.interval);
    if (stopped_.wait_for(lock, pause, [this] { return stop_; })) return;
  }
}

void Heartbeats::beat() {
  keys_.set(key_of(options_.rank), std::to_string(++count_) + " " + std::to_string(operations_));
}

DeadRanks Heartbeats::search() {
  DeadRanks dead = declared_dead(keys_);
  if (dead.any()) return dead;
  const int watched = options_.rank == 0 ? options_.world_size : 1;
  for (int rank = 0; rank < watched; ++rank) {
    if (rank == options_.rank) continue;
    Seen& seen = seen_[static_cast<std::size_t>(rank)];
    const std::optional<Beat> beat = beat_of(keys_, rank);
    if (beat && beat->count != seen.count) seen = {beat->count, clock_seconds()};
    if (clock_seconds() - seen.time > options_.dead_after) dead.ranks.push_back(rank);
  }
  if (dead.any()) declare_dead(keys_, dead.ranks);
  return dead;
}

}  // namespace pinfeed

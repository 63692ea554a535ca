// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "pinfeed/train/distributed/shared_keys.h"

namespace pinfeed {

/// How ranks watch each other.
struct HeartbeatOptions {
  int rank = 0;
  int world_size = 1;
  double interval = 2.0;     // seconds between two signs of life
  double dead_after = 20.0;  // seconds without one
};

/// The number that a rank writes with each sign of life.
struct Beat {
  std::int64_t count = 0;       // of its signs of life
  std::int64_t operations = 0;  // that its training has begun together with the others
};
std::optional<Beat> beat_of(const SharedKeys& keys, int rank);

/// Ranks without a sign of life.
struct DeadRanks {
  std::vector<int> ranks = {};
  bool store_is_lost = false;  // instead: the store does not answer

  bool any() const { return store_is_lost || !ranks.empty(); }
};
/// The ranks that one of the ranks has declared dead.
DeadRanks declared_dead(const SharedKeys& keys);
void declare_dead(const SharedKeys& keys, const std::vector<int>& ranks);

/// A thread that writes a sign of life into the store, and looks for those of others: rank 0 for
/// those of all, the others for those of rank 0 and for what rank 0 has found. So the work of the
/// store grows linearly with the ranks.
class Heartbeats {
 public:
  /// `keys` belong to the thread. `on_death` is called once, on the thread, when a rank is dead.
  Heartbeats(SharedKeys keys, const HeartbeatOptions& options, std::function<void()> on_death);
  /// Stops.
  ~Heartbeats();
  Heartbeats(const Heartbeats&) = delete;
  Heartbeats& operator=(const Heartbeats&) = delete;

  /// The training has begun another operation with the other ranks.
  void count_operation() { ++operations_; }
  /// What the thread has found. Any thread.
  DeadRanks dead() const;
  /// Ends the thread; what it finds from now on means nothing.
  void stop();

 private:
  void run();
  void beat();
  DeadRanks search();

  SharedKeys keys_;
  HeartbeatOptions options_;
  std::function<void()> on_death_;
  std::atomic<std::int64_t> operations_ = 0;
  std::int64_t count_ = 0;
  struct Seen {
    std::int64_t count = 0;
    double time = 0.0;  // of clock_seconds()
  };
  std::vector<Seen> seen_ = {};  // of each rank
  mutable std::mutex mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;
  DeadRanks dead_ = {};
  std::thread thread_;
};

}  // namespace pinfeed

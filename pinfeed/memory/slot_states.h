// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "pinfeed/core/buffer.h"

namespace pinfeed {

/// Where a batch seat is in its life (docs/house.md, 6):
///
///     host seat    free -> rendering -> travelling -> free       with a device
///                  free -> rendering -> ready -> in_use -> free  on CPU
///     device seat  free -> filling -> ready -> in_use -> free
///
/// Any state may end in free: an error or the end of the loop gives a seat back early.
enum class SeatState : std::uint8_t { free, rendering, travelling, filling, ready, in_use };

/// True when a seat in memory of this kind may go from `now` to `next`.
bool may_follow(MemoryPlace place, SeatState now, SeatState next);

/// The states of a ring of seats: the whole protocol of a slab as a value, without locks and
/// without memory, so that a test can walk through all that may happen.
class Seats {
 public:
  Seats(int count, MemoryPlace place);

  /// The free seat with the highest `score(seat)`, now rendering (host) or filling (device); empty
  /// when there is none or the ring is closed. Of equals on the host the one left last: its bytes
  /// may still be in the cache. On a device the one left first: its readers are most likely done,
  /// so the copy into it need not wait.
  template <class Score>
  std::optional<int> take(Score score);
  /// Asserts that the house allows it; free is what leave() is for.
  void go(int seat, SeatState next);
  /// The seat is free again.
  void leave(int seat);
  /// No seat is given out any more.
  void close() { closed_ = true; }

  SeatState state(int seat) const { return at(seat).state; }
  /// The place of a free seat in the order in which seats were left; 0 before its first use.
  std::int64_t left(int seat) const { return at(seat).left; }
  int count() const { return static_cast<int>(seats_.size()); }
  int free() const;
  bool closed() const { return closed_; }
  MemoryPlace place() const { return place_; }

 private:
  struct One {
    SeatState state = SeatState::free;
    std::int64_t left = 0;  // when it became free, counted in departures
  };
  const One& at(int seat) const { return seats_[static_cast<std::size_t>(seat)]; }
  bool sooner(int seat, int other) const;
  std::optional<int> taken(std::optional<int> seat);

  std::vector<One> seats_;
  MemoryPlace place_;
  std::int64_t departures_ = 0;
  bool closed_ = false;
};

template <class Score>
std::optional<int> Seats::take(Score score) {
  std::optional<int> best;
  for (int seat = 0; seat < count(); ++seat) {
    if (closed_ || at(seat).state != SeatState::free) continue;
    const bool equal = best && score(seat) == score(*best);
    if (!best || score(seat) > score(*best) || (equal && sooner(seat, *best))) best = seat;
  }
  return taken(best);
}

}  // namespace pinfeed

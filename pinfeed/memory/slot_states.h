// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "pinfeed/core/buffer.h"

namespace pinfeed {

/// Where a batch slot is in its life (docs/house.md, 6):
///
///     host slot    free -> rendering -> travelling -> free       with a device
///                  free -> rendering -> ready -> in_use -> free  on CPU
///     device slot  free -> filling -> ready -> in_use -> free
///
/// Any state may end in free: an error or the end of the loop gives a slot back early.
enum class SlotState : std::uint8_t { free, rendering, travelling, filling, ready, in_use };

/// True when a slot in memory of this kind may go from `now` to `next`.
bool may_follow(MemoryKind kind, SlotState now, SlotState next);

/// The states of a ring of slots: the whole protocol of a ring as a value, without locks and
/// without memory, so that a test can walk through all that may happen.
class SlotStates {
 public:
  SlotStates(int count, MemoryKind kind);

  /// The free slot with the highest `score(slot)`, now rendering (host) or filling (device); empty
  /// when there is none or the ring is closed. Of equals on the host the one left last: its bytes
  /// may still be in the cache. On a device the one left first: its readers are most likely done,
  /// so the copy into it need not wait.
  template <class Score>
  std::optional<int> take(Score score);
  /// Asserts that the house allows it; free is what leave() is for.
  void go(int slot, SlotState next);
  /// The slot is free again.
  void leave(int slot);
  /// No slot is given out any more.
  void close() { closed_ = true; }

  SlotState state(int slot) const { return at(slot).state; }
  /// The place of a free slot in the order in which slots were left; 0 before its first use.
  std::int64_t left(int slot) const { return at(slot).left; }
  int count() const { return static_cast<int>(slots_.size()); }
  int free() const;
  bool closed() const { return closed_; }
  MemoryKind kind() const { return kind_; }

 private:
  struct One {
    SlotState state = SlotState::free;
    std::int64_t left = 0;  // when it became free, counted in departures
  };
  const One& at(int slot) const { return slots_[static_cast<std::size_t>(slot)]; }
  bool sooner(int slot, int other) const;
  std::optional<int> taken(std::optional<int> slot);

  std::vector<One> slots_;
  MemoryKind kind_;
  std::int64_t departures_ = 0;
  bool closed_ = false;
};

template <class Score>
std::optional<int> SlotStates::take(Score score) {
  std::optional<int> best;
  for (int slot = 0; slot < count(); ++slot) {
    if (closed_ || at(slot).state != SlotState::free) continue;
    const bool equal = best && score(slot) == score(*best);
    if (!best || score(slot) > score(*best) || (equal && sooner(slot, *best))) best = slot;
  }
  return taken(best);
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "pinfeed/core/buffer.h"

namespace pinfeed {

/// The state of a batch slot (docs/architecture.md, Memory):
///
///     host slot    free -> rendering -> in_transfer -> free       with a device
///                  free -> rendering -> ready -> in_use -> free   on the CPU
///     device slot  free -> filling -> ready -> in_use -> free
///
/// Every state may change to free: an error or the end of the loop releases a slot early.
enum class SlotState : std::uint8_t { free, rendering, in_transfer, filling, ready, in_use };

/// True when a slot in memory of this kind may change from `now` to `next`.
bool may_follow(MemoryKind kind, SlotState now, SlotState next);

/// The states of all slots of a ring: the protocol as a value, without locks and without memory,
/// so that a test can explore every sequence of events. One thread at a time.
class SlotStates {
 public:
  SlotStates(int count, MemoryKind kind);

  /// Acquires the free slot with the highest `score(slot)`; its state is then rendering (host) or
  /// filling (device). Empty when no slot is free or the ring is closed. Ties on the host: the slot
  /// released last, because its bytes may still be in the cache. Ties on a device: the slot
  /// released first, because its readers are most likely done and the copy need not wait.
  template <class Score>
  std::optional<int> acquire(Score score);
  /// Asserts may_follow(). To set a slot free, call release().
  void advance_to(int slot, SlotState next);
  /// The slot is free again.
  void release(int slot);
  /// From now on acquire() returns nothing.
  void close() { closed_ = true; }

  SlotState state(int slot) const { return at(slot).state; }
  /// The number of the slot's last release, counted over all slots; 0 before its first use.
  std::int64_t release_number(int slot) const { return at(slot).release_number; }
  int count() const { return static_cast<int>(slots_.size()); }
  int free() const;
  bool closed() const { return closed_; }
  MemoryKind kind() const { return kind_; }

 private:
  struct Entry {
    SlotState state = SlotState::free;
    std::int64_t release_number = 0;
  };
  const Entry& at(int slot) const { return slots_[static_cast<std::size_t>(slot)]; }
  bool wins_tie(int slot, int other) const;
  std::optional<int> mark_acquired(std::optional<int> slot);

  std::vector<Entry> slots_;
  MemoryKind kind_;
  std::int64_t releases_ = 0;
  bool closed_ = false;
};

template <class Score>
std::optional<int> SlotStates::acquire(Score score) {
  std::optional<int> best;
  for (int slot = 0; slot < count(); ++slot) {
    if (closed_ || at(slot).state != SlotState::free) continue;
    const bool equal = best && score(slot) == score(*best);
    if (!best || score(slot) > score(*best) || (equal && wins_tie(slot, *best))) best = slot;
  }
  return mark_acquired(best);
}

}  // namespace pinfeed

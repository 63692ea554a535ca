// SPDX-License-Identifier: Apache-2.0
// The batch slot protocol.
//
// A slot has one owner at a time, and its state says who that is: `rendering`, the render threads;
// `ready`, the loader, which keeps it until the consumer asks; `in_use`, the consumer;
// `in_transfer`, the copy stream, which reads the host slot while the host already does other work;
// `filling`, the copy stream, which writes the device slot; `free`, nobody. A transition hands the
// slot to the next owner, so two owners never touch the same bytes and no copy of the bytes is
// needed. may_follow() lists the transitions; all others are programming errors.
//
// Nothing here waits or allocates. tests/memory/protocol_test.cpp explores every interleaving of
// workers, copy stream and consumer over these states and finds no deadlock and no overwritten
// batch.
#include "pinfeed/memory/slot_states.h"

#include <algorithm>
#include <cassert>

namespace pinfeed {

bool may_follow(MemoryKind kind, SlotState now, SlotState next) {
  const bool device = kind == MemoryKind::device;
  switch (next) {
    case SlotState::free: return now != SlotState::free;
    case SlotState::rendering: return !device && now == SlotState::free;
    case SlotState::in_transfer:
      return !device && (now == SlotState::rendering || now == SlotState::ready);
    case SlotState::filling: return device && now == SlotState::free;
    case SlotState::ready: return now == (device ? SlotState::filling : SlotState::rendering);
    case SlotState::in_use: return now == SlotState::ready;
  }
  return false;
}

SlotStates::SlotStates(int count, MemoryKind kind)
    : slots_(static_cast<std::size_t>(count)), kind_(kind) {
  assert(count > 0);
}

bool SlotStates::wins_tie(int slot, int other) const {
  return kind_ == MemoryKind::device ? release_number(slot) < release_number(other)
                                     : release_number(slot) > release_number(other);
}

std::optional<int> SlotStates::mark_acquired(std::optional<int> slot) {
  if (!slot) return slot;
  advance_to(*slot, kind_ == MemoryKind::device ? SlotState::filling : SlotState::rendering);
  return slot;
}

void SlotStates::advance_to(int slot, SlotState next) {
  Entry& entry = slots_[static_cast<std::size_t>(slot)];
  assert(next != SlotState::free && may_follow(kind_, entry.state, next));
  entry.state = next;
}

void SlotStates::release(int slot) {
  Entry& entry = slots_[static_cast<std::size_t>(slot)];
  assert(may_follow(kind_, entry.state, SlotState::free));
  entry = {SlotState::free, ++releases_};
}

int SlotStates::free() const {
  return static_cast<int>(std::count_if(slots_.begin(), slots_.end(), [](const Entry& entry) {
    return entry.state == SlotState::free;
  }));
}

}  // namespace pinfeed

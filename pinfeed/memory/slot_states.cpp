// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/slot_states.h"

#include <algorithm>
#include <cassert>

namespace pinfeed {

bool may_follow(MemoryKind kind, SlotState now, SlotState next) {
  const bool device = kind == MemoryKind::device;
  switch (next) {
    case SlotState::free: return now != SlotState::free;
    case SlotState::rendering: return !device && now == SlotState::free;
    case SlotState::travelling:
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

bool SlotStates::sooner(int slot, int other) const {
  return kind_ == MemoryKind::device ? left(slot) < left(other) : left(slot) > left(other);
}

std::optional<int> SlotStates::taken(std::optional<int> slot) {
  if (slot) go(*slot, kind_ == MemoryKind::device ? SlotState::filling : SlotState::rendering);
  return slot;
}

void SlotStates::go(int slot, SlotState next) {
  One& one = slots_[static_cast<std::size_t>(slot)];
  assert(next != SlotState::free && may_follow(kind_, one.state, next));
  one.state = next;
}

void SlotStates::leave(int slot) {
  One& one = slots_[static_cast<std::size_t>(slot)];
  assert(may_follow(kind_, one.state, SlotState::free));
  one = {SlotState::free, ++departures_};
}

int SlotStates::free() const {
  return static_cast<int>(std::count_if(
      slots_.begin(), slots_.end(), [](const One& one) { return one.state == SlotState::free; }));
}

}  // namespace pinfeed

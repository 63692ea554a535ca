// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/slot_states.h"

#include <algorithm>
#include <cassert>

namespace pinfeed {

bool may_follow(MemoryPlace place, SeatState now, SeatState next) {
  const bool device = place == MemoryPlace::device;
  switch (next) {
    case SeatState::free: return now != SeatState::free;
    case SeatState::rendering: return !device && now == SeatState::free;
    case SeatState::travelling:
      return !device && (now == SeatState::rendering || now == SeatState::ready);
    case SeatState::filling: return device && now == SeatState::free;
    case SeatState::ready: return now == (device ? SeatState::filling : SeatState::rendering);
    case SeatState::in_use: return now == SeatState::ready;
  }
  return false;
}

Seats::Seats(int count, MemoryPlace place)
    : seats_(static_cast<std::size_t>(count)), place_(place) {
  assert(count > 0);
}

bool Seats::sooner(int seat, int other) const {
  return place_ == MemoryPlace::device ? left(seat) < left(other) : left(seat) > left(other);
}

std::optional<int> Seats::taken(std::optional<int> seat) {
  if (seat) go(*seat, place_ == MemoryPlace::device ? SeatState::filling : SeatState::rendering);
  return seat;
}

void Seats::go(int seat, SeatState next) {
  One& one = seats_[static_cast<std::size_t>(seat)];
  assert(next != SeatState::free && may_follow(place_, one.state, next));
  one.state = next;
}

void Seats::leave(int seat) {
  One& one = seats_[static_cast<std::size_t>(seat)];
  assert(may_follow(place_, one.state, SeatState::free));
  one = {SeatState::free, ++departures_};
}

int Seats::free() const {
  return static_cast<int>(std::count_if(
      seats_.begin(), seats_.end(), [](const One& one) { return one.state == SeatState::free; }));
}

}  // namespace pinfeed

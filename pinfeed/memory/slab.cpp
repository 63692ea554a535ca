// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/slab.h"

#include <algorithm>
#include <cassert>
#include <condition_variable>
#include <mutex>
#include <vector>

namespace pinfeed {

struct SeatRoom {
  struct Place {
    Buffer buffer = {};
    SeatState state = SeatState::free;
    std::int64_t left = 0;  // when it became free, counted in departures
  };

  // The best free seat. On the host one that is large enough, and of these the one left last: its
  // bytes may still be in the cache. On a device the one left first: its readers are most likely
  // done, so the copy into it need not wait.
  Place* choose(std::size_t bytes) {
    const auto better = [this, bytes](const Place& a, const Place& b) {
      if (on_device) return a.left < b.left;
      const bool fits = a.buffer.size >= bytes && !a.buffer.empty();
      if (fits != (b.buffer.size >= bytes && !b.buffer.empty())) return fits;
      return fits ? a.left > b.left : a.buffer.size < b.buffer.size;
    };
    Place* best = nullptr;
    for (Place& place : places) {
      if (place.state != SeatState::free) continue;
      if (best == nullptr || better(place, *best)) best = &place;
    }
    return best;
  }

  std::optional<int> take(std::size_t bytes) {
    std::unique_lock lock(mutex);
    Place* place = choose(bytes);
    if (place == nullptr && !closed) ++waits;
    left_one.wait(lock, [&] { return closed || (place = choose(bytes)) != nullptr; });
    if (closed) return std::nullopt;
    place->state = SeatState::rendering;
    return static_cast<int>(place - places.data());
  }

  std::optional<int> try_take(std::size_t bytes) {
    const std::lock_guard lock(mutex);
    Place* place = closed ? nullptr : choose(bytes);
    if (place == nullptr) return std::nullopt;
    place->state = SeatState::rendering;
    return static_cast<int>(place - places.data());
  }

  // The owner of the seat alone calls this; the allocation happens outside the lock.
  void fit(int number, std::size_t bytes) {
    Place& place = places[static_cast<std::size_t>(number)];
    const std::size_t size = place.buffer.size;
    const bool first = place.buffer.empty();
    Buffer block = {};
    if (first || size < bytes) {
      block = allocator(first ? std::max(bytes, bytes_per_seat) : std::max(bytes, size + size / 2));
    }
    const std::lock_guard lock(mutex);
    if (!block.empty()) {
      std::swap(block, place.buffer);
      grown += first ? 0 : 1;
      // Freeing pinned or device memory can stop the device: not before the loop ends.
      if (!first && place.buffer.place != MemoryPlace::pageable) outgrown.push_back(block);
    }
    on_device = place.buffer.place == MemoryPlace::device;
    if (on_device) place.state = SeatState::filling;
  }

  void free(int number) {
    {
      const std::lock_guard lock(mutex);
      Place& place = places[static_cast<std::size_t>(number)];
      place.state = SeatState::free;
      place.left = ++departures;
    }
    left_one.notify_one();
  }

  Allocator allocator;
  std::size_t bytes_per_seat = 0;
  std::mutex mutex;
  std::condition_variable left_one;
  std::vector<Place> places;
  std::vector<Buffer> outgrown;
  std::int64_t departures = 0;
  std::int64_t grown = 0;
  std::int64_t waits = 0;
  bool on_device = false;  // known from the first allocation on
  bool closed = false;
};

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

Seat& Seat::operator=(Seat&& other) noexcept {
  if (this == &other) return *this;
  if (room_) room_->free(number_);
  room_ = std::move(other.room_);
  number_ = other.number_;
  return *this;
}

Seat::~Seat() {
  if (room_) room_->free(number_);
}

Buffer Seat::buffer() const {
  const std::lock_guard lock(room_->mutex);
  return room_->places[static_cast<std::size_t>(number_)].buffer;
}

void Seat::fit(std::size_t bytes) { room_->fit(number_, bytes); }

SeatState Seat::state() const {
  const std::lock_guard lock(room_->mutex);
  return room_->places[static_cast<std::size_t>(number_)].state;
}

void Seat::go(SeatState next) {
  const std::lock_guard lock(room_->mutex);
  SeatRoom::Place& place = room_->places[static_cast<std::size_t>(number_)];
  assert(next != SeatState::free && may_follow(place.buffer.place, place.state, next));
  place.state = next;
}

Slab::Slab(Allocator allocator, int seats, std::size_t bytes_per_seat)
    : room_(std::make_shared<SeatRoom>()) {
  assert(seats > 0);
  room_->allocator = std::move(allocator);
  room_->bytes_per_seat = bytes_per_seat;
  room_->places.resize(static_cast<std::size_t>(seats));
}

Slab::~Slab() {
  if (room_) close();
}

std::optional<Seat> Slab::acquire(std::size_t bytes) { return seated(room_->take(bytes), bytes); }

std::optional<Seat> Slab::try_acquire(std::size_t bytes) {
  return seated(room_->try_take(bytes), bytes);
}

std::optional<Seat> Slab::seated(std::optional<int> number, std::size_t bytes) {
  if (!number) return std::nullopt;
  Seat seat(room_, *number);
  room_->fit(*number, bytes);
  return seat;
}

void Slab::close() {
  {
    const std::lock_guard lock(room_->mutex);
    room_->closed = true;
  }
  room_->left_one.notify_all();
}

SlabStats Slab::stats() const {
  const std::lock_guard lock(room_->mutex);
  SlabStats stats{.seats = static_cast<int>(room_->places.size()),
                  .grown = room_->grown,
                  .waits = room_->waits};
  for (const SeatRoom::Place& place : room_->places) {
    stats.free += place.state == SeatState::free ? 1 : 0;
    stats.bytes += place.buffer.size;
  }
  for (const Buffer& block : room_->outgrown) stats.bytes += block.size;
  return stats;
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/batch_buffer_ring.h"

#include <algorithm>
#include <cassert>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

namespace pinfeed {

struct SeatRoom {
  SeatRoom(Allocator from, int count, std::size_t bytes, MemoryPlace place)
      : allocator(std::move(from)),
        bytes_per_seat(bytes),
        seats(count, place),
        buffers(static_cast<std::size_t>(count)) {}

  Buffer& buffer(int seat) { return buffers[static_cast<std::size_t>(seat)]; }

  // A seat that is large enough, else the smallest, which will have to grow. All seats of a device
  // count alike: they come in turn.
  std::optional<int> choose(std::size_t bytes) {
    return seats.take([this, bytes](int seat) {
      if (seats.place() == MemoryPlace::device) return std::int64_t{0};
      const Buffer& room = buffer(seat);
      const bool fits = !room.empty() && room.size >= bytes;
      return fits ? std::int64_t{1} : -static_cast<std::int64_t>(room.size);
    });
  }

  std::optional<int> take(std::size_t bytes) {
    std::unique_lock lock(mutex);
    std::optional<int> seat = choose(bytes);
    if (!seat && !seats.closed()) ++waits;
    left_one.wait(lock, [&] { return seat || seats.closed() || (seat = choose(bytes)); });
    return seat;
  }

  std::optional<int> try_take(std::size_t bytes) {
    const std::lock_guard lock(mutex);
    return choose(bytes);
  }

  // The owner of the seat alone calls this; the allocation happens outside the lock.
  void fit(int number, std::size_t bytes) {
    Buffer& room = buffer(number);
    const std::size_t size = room.size;
    const bool first = room.empty();
    if (!first && size >= bytes) return;
    Buffer block =
        allocator(first ? std::max(bytes, bytes_per_seat) : std::max(bytes, size + size / 2));
    assert((block.place == MemoryPlace::device) == (seats.place() == MemoryPlace::device));
    const std::lock_guard lock(mutex);
    std::swap(block, room);
    grown += first ? 0 : 1;
    // Freeing pinned or device memory can stop the device: not before the loop ends.
    if (!first && room.place != MemoryPlace::pageable) outgrown.push_back(block);
  }

  void free(int number) {
    bool travelled = false;
    {
      const std::lock_guard lock(mutex);
      travelled = seats.state(number) == SeatState::travelling;
      seats.leave(number);
    }
    left_one.notify_one();
    if (!travelled) return;
    const std::lock_guard lock(listening);
    if (arrived) arrived();
  }

  void listen(std::function<void()> listener) {
    const std::lock_guard lock(listening);
    arrived = std::move(listener);
  }

  Allocator allocator;
  std::size_t bytes_per_seat = 0;
  std::mutex mutex;
  std::condition_variable left_one;
  Seats seats;
  std::vector<Buffer> buffers;
  std::vector<Buffer> outgrown;
  std::int64_t grown = 0;
  std::int64_t waits = 0;
  std::mutex listening;  // held while `arrived` runs: who has closed the slab is not called
  std::function<void()> arrived;
};

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
  return room_->buffer(number_);
}

void Seat::fit(std::size_t bytes) { room_->fit(number_, bytes); }

SeatState Seat::state() const {
  const std::lock_guard lock(room_->mutex);
  return room_->seats.state(number_);
}

void Seat::go(SeatState next) {
  const std::lock_guard lock(room_->mutex);
  room_->seats.go(number_, next);
}

Slab::Slab(Allocator allocator, int seats, std::size_t bytes_per_seat, MemoryPlace place)
    : room_(std::make_shared<SeatRoom>(std::move(allocator), seats, bytes_per_seat, place)) {}

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

void Slab::when_arrived(std::function<void()> arrived) { room_->listen(std::move(arrived)); }

void Slab::close() {
  room_->listen(nullptr);
  {
    const std::lock_guard lock(room_->mutex);
    room_->seats.close();
  }
  room_->left_one.notify_all();
}

SlabStats Slab::stats() const {
  const std::lock_guard lock(room_->mutex);
  SlabStats stats{.seats = room_->seats.count(),
                  .free = room_->seats.free(),
                  .grown = room_->grown,
                  .waits = room_->waits};
  for (const Buffer& room : room_->buffers) stats.bytes += room.size;
  for (const Buffer& block : room_->outgrown) stats.bytes += block.size;
  return stats;
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "pinfeed/core/buffer.h"
#include "pinfeed/memory/slot_states.h"

namespace pinfeed {

struct SlabStats {
  int seats = 0;
  int free = 0;
  std::size_t bytes = 0;   // of all blocks held, outgrown ones included
  std::int64_t grown = 0;  // seats that were too small and got a new block
  std::int64_t waits = 0;  // times acquire() found no free seat
};

struct SeatRoom;  // what a slab and its seats share

/// The right to one seat, until it dies. Movable, one owner; may outlive the slab.
class Seat {
 public:
  Seat(std::shared_ptr<SeatRoom> room, int number) : room_(std::move(room)), number_(number) {}
  Seat(Seat&& other) noexcept = default;
  Seat& operator=(Seat&& other) noexcept;
  ~Seat();

  /// The bytes, at least as many as were asked for. Copies of the buffer keep the memory, not the
  /// seat: when the seat is given back the next batch is written there.
  Buffer buffer() const;
  /// Makes it hold at least `bytes`; what was written is lost. Throws what the allocator throws.
  void fit(std::size_t bytes);
  /// 0 to seats - 1.
  int number() const { return number_; }
  SeatState state() const;
  /// Goes on to `next`; asserts that the house allows it.
  void go(SeatState next);

 private:
  std::shared_ptr<SeatRoom> room_;
  int number_;
};

/// The ring of batch seats: a fixed number, allocated at first use and then used again and again.
/// Any thread. In the steady state it allocates nothing.
class Slab {
 public:
  /// Seats of `bytes_per_seat` from `allocator`, on a device or on the host; a seat grows only when
  /// a batch needs more.
  Slab(Allocator allocator, int seats, std::size_t bytes_per_seat,
       MemoryPlace place = MemoryPlace::pageable);
  Slab(Slab&&) noexcept = default;
  Slab& operator=(Slab&&) = delete;
  /// Closes; seats still out stay valid until they die.
  ~Slab();

  /// A free seat of at least `bytes`, now rendering (host) or filling (device). Waits for one to
  /// become free; empty when the slab is closed. Throws what the allocator throws, and the seat
  /// stays free.
  std::optional<Seat> acquire(std::size_t bytes);
  /// The same without waiting: empty when no seat is free as well.
  std::optional<Seat> try_acquire(std::size_t bytes);
  /// Calls `arrived`, on the thread that gives it back, whenever a seat that travelled is free
  /// again; until the slab closes. It must not give seats back itself.
  void when_arrived(std::function<void()> arrived);
  /// Wakes everybody who waits; no seat is given out any more.
  void close();
  SlabStats stats() const;

 private:
  std::optional<Seat> seated(std::optional<int> number, std::size_t bytes);

  std::shared_ptr<SeatRoom> room_;
};

}  // namespace pinfeed

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

struct BatchBufferStats {
  int slots = 0;
  int free = 0;
  std::size_t bytes = 0;   // of all blocks held, outgrown ones included
  std::int64_t grown = 0;  // slots that were too small and got a new block
  std::int64_t waits = 0;  // times acquire() found no free slot
};

struct SlotStorage;  // what a ring and its slots share

/// The right to one slot, until it dies. Movable, one owner; may outlive the ring.
class BatchSlot {
 public:
  BatchSlot(std::shared_ptr<SlotStorage> room, int number)
      : room_(std::move(room)), number_(number) {}
  BatchSlot(BatchSlot&& other) noexcept = default;
  BatchSlot& operator=(BatchSlot&& other) noexcept;
  ~BatchSlot();

  /// The bytes, at least as many as were asked for. Copies of the buffer keep the memory, not the
  /// slot: when the slot is given back the next batch is written there.
  Buffer buffer() const;
  /// Makes it hold at least `bytes`; what was written is lost. Throws what the allocator throws.
  void fit(std::size_t bytes);
  /// 0 to slots - 1.
  int number() const { return number_; }
  SlotState state() const;
  /// Goes on to `next`; asserts that the house allows it.
  void go(SlotState next);

 private:
  std::shared_ptr<SlotStorage> room_;
  int number_;
};

/// The ring of batch slots: a fixed number, allocated at first use and then used again and again.
/// Any thread. In the steady state it allocates nothing.
class BatchBufferRing {
 public:
  /// Slots of `bytes_per_seat` from `allocator`, on a device or on the host; a slot grows only when
  /// a batch needs more.
  BatchBufferRing(Allocator allocator, int slots, std::size_t bytes_per_slot,
                  MemoryKind kind = MemoryKind::pageable);
  BatchBufferRing(BatchBufferRing&&) noexcept = default;
  BatchBufferRing& operator=(BatchBufferRing&&) = delete;
  /// Closes; slots still out stay valid until they die.
  ~BatchBufferRing();

  /// A free slot of at least `bytes`, now rendering (host) or filling (device). Waits for one to
  /// become free; empty when the ring is closed. Throws what the allocator throws, and the slot
  /// stays free.
  std::optional<BatchSlot> acquire(std::size_t bytes);
  /// The same without waiting: empty when no slot is free as well.
  std::optional<BatchSlot> try_acquire(std::size_t bytes);
  /// Calls `arrived`, on the thread that gives it back, whenever a slot that travelled is free
  /// again; until the ring closes. It must not give slots back itself.
  void when_arrived(std::function<void()> arrived);
  /// Wakes everybody who waits; no slot is given out any more.
  void close();
  BatchBufferStats stats() const;

 private:
  std::optional<BatchSlot> seated(std::optional<int> number, std::size_t bytes);

  std::shared_ptr<SlotStorage> room_;
};

}  // namespace pinfeed

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
  std::size_t bytes = 0;   // allocated, including outgrown blocks that are not freed yet
  std::int64_t grown = 0;  // how often a slot was too small and got a larger block
  std::int64_t waits = 0;  // how often acquire() found no free slot
};

struct SlotStorage;  // what a ring and its slots share

/// Exclusive ownership of one slot; the destructor releases it. Movable. May outlive the ring.
class BatchSlot {
 public:
  BatchSlot(std::shared_ptr<SlotStorage> storage, int number)
      : storage_(std::move(storage)), number_(number) {}
  BatchSlot(BatchSlot&& other) noexcept = default;
  BatchSlot& operator=(BatchSlot&& other) noexcept;
  ~BatchSlot();

  /// The bytes, at least as many as were asked for. A copy of the buffer keeps the memory but not
  /// the slot: once the slot is released the next batch is written there.
  Buffer buffer() const;
  /// Makes the slot at least `bytes` large. The content is lost if it grows. Throws what the
  /// allocator throws.
  void grow_to(std::size_t bytes);
  /// 0 to slots - 1.
  int number() const { return number_; }
  SlotState state() const;
  /// Asserts may_follow().
  void advance_to(SlotState next);
  /// The release of this slot calls the function of BatchBufferRing::on_release().
  void announce_release();

 private:
  std::shared_ptr<SlotStorage> storage_;
  int number_;
};

/// A fixed number of batch slots, allocated at first use and then reused. Any thread. In the steady
/// state it allocates nothing.
class BatchBufferRing {
 public:
  /// Slots of `bytes_per_slot` from `allocator`, whose buffers are on the device or on the host as
  /// `kind` says. A slot grows only when a batch needs more. With a limit, slots that are free give
  /// up their memory where all together would exceed it, and try_acquire() gives no slot where that
  /// is not enough, except the only one in use.
  using Limit = std::optional<std::size_t>;  // bytes
  BatchBufferRing(Allocator allocator, int slots, std::size_t bytes_per_slot,
                  MemoryKind kind = MemoryKind::pageable, Limit limit = {});
  BatchBufferRing(BatchBufferRing&&) noexcept = default;
  BatchBufferRing& operator=(BatchBufferRing&&) = delete;
  /// Closes the ring; slots that are still owned stay valid.
  ~BatchBufferRing();

  /// Waits for a free slot and makes it at least `bytes` large; its state is then rendering (host)
  /// or filling (device). Empty when the ring is closed. Throws what the allocator throws; the slot
  /// is free again then.
  std::optional<BatchSlot> acquire(std::size_t bytes);
  /// As acquire(), but empty instead of waiting when no slot is free or the limit is reached.
  std::optional<BatchSlot> try_acquire(std::size_t bytes);
  /// Calls `callback` on the releasing thread whenever a slot that was in transfer, or that has
  /// announced its release, is free again, until the ring is closed. To be called before any slot
  /// is released, by a thread that may hold locks that the callback takes. The callback must not
  /// release slots itself.
  void on_release(std::function<void()> callback);
  /// Wakes all threads that wait in acquire(); no slot is acquired any more.
  void close();
  BatchBufferStats stats() const;

 private:
  std::optional<BatchSlot> make_slot(std::optional<int> number, std::size_t bytes);

  std::shared_ptr<SlotStorage> storage_;
};

}  // namespace pinfeed

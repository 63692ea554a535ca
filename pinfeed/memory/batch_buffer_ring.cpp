// SPDX-License-Identifier: Apache-2.0
// A ring of batch slots: SlotStates with memory, a lock and a condition variable.
//
// A BatchSlot is a handle that owns one slot; its destructor releases the slot, so that an
// exception on any path releases it as well. The ring and its handles share one SlotStorage, which
// lives until the last of them is destroyed: a batch may outlive its loader.
//
// Memory is allocated outside the lock, because locking pages takes long and the owner alone may
// touch its slot. A slot that is too small gets a block half as large again, so that slowly growing
// batches cause few allocations. Outgrown pinned and device blocks are freed with the storage,
// since freeing them can stop the device. `stats()` counts each of these events, so that tests see
// that a running loader allocates nothing.
#include "pinfeed/memory/batch_buffer_ring.h"

#include <algorithm>
#include <cassert>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

namespace pinfeed {

struct SlotStorage {
  SlotStorage(Allocator from, int count, std::size_t bytes, MemoryKind kind)
      : allocator(std::move(from)),
        bytes_per_slot(bytes),
        states(count, kind),
        buffers(static_cast<std::size_t>(count)) {}

  Buffer& buffer(int slot) { return buffers[static_cast<std::size_t>(slot)]; }

  // A slot that is large enough, otherwise the smallest, which then has to grow. All slots of a
  // device score alike: they are used in turn.
  std::optional<int> try_acquire_locked(std::size_t bytes) {
    return states.acquire([this, bytes](int slot) {
      if (states.kind() == MemoryKind::device) return std::int64_t{0};
      const Buffer& block = buffer(slot);
      const bool fits = !block.empty() && block.size >= bytes;
      return fits ? std::int64_t{1} : -static_cast<std::int64_t>(block.size);
    });
  }

  std::optional<int> acquire(std::size_t bytes) {
    std::unique_lock lock(mutex);
    std::optional<int> slot = try_acquire_locked(bytes);
    if (!slot && !states.closed()) ++waits;
    slot_released.wait(
        lock, [&] { return slot || states.closed() || (slot = try_acquire_locked(bytes)); });
    return slot;
  }

  std::optional<int> try_acquire(std::size_t bytes) {
    const std::lock_guard lock(mutex);
    return try_acquire_locked(bytes);
  }

  // Only the owner of the slot calls this. The allocation happens outside the lock.
  void grow_to(int number, std::size_t bytes) {
    Buffer& block = buffer(number);
    const std::size_t size = block.size;
    const bool first_use = block.empty();
    if (!first_use && size >= bytes) return;
    Buffer larger =
        allocator(first_use ? std::max(bytes, bytes_per_slot) : std::max(bytes, size + size / 2));
    assert((larger.kind == MemoryKind::device) == (states.kind() == MemoryKind::device));
    const std::lock_guard lock(mutex);
    std::swap(larger, block);
    grown += first_use ? 0 : 1;
    if (!first_use && block.kind != MemoryKind::pageable) outgrown.push_back(larger);
  }

  void release(int number) {
    bool was_in_transfer = false;
    {
      const std::lock_guard lock(mutex);
      was_in_transfer = states.state(number) == SlotState::in_transfer;
      states.release(number);
    }
    slot_released.notify_one();
    if (!was_in_transfer) return;
    const std::lock_guard lock(callback_mutex);
    if (transfer_ended) transfer_ended();
  }

  void set_callback(std::function<void()> callback) {
    const std::lock_guard lock(callback_mutex);
    transfer_ended = std::move(callback);
  }

  Allocator allocator;
  std::size_t bytes_per_slot = 0;
  std::mutex mutex;
  std::condition_variable slot_released;
  SlotStates states;
  std::vector<Buffer> buffers;   // of each slot; empty before its first use
  std::vector<Buffer> outgrown;  // blocks that were too small
  std::int64_t grown = 0;
  std::int64_t waits = 0;
  std::mutex callback_mutex;  // held during the call, so that none runs after close() returned
  std::function<void()> transfer_ended;
};

BatchSlot& BatchSlot::operator=(BatchSlot&& other) noexcept {
  if (this == &other) return *this;
  if (storage_) storage_->release(number_);
  storage_ = std::move(other.storage_);
  number_ = other.number_;
  return *this;
}

BatchSlot::~BatchSlot() {
  if (storage_) storage_->release(number_);
}

Buffer BatchSlot::buffer() const {
  const std::lock_guard lock(storage_->mutex);
  return storage_->buffer(number_);
}

void BatchSlot::grow_to(std::size_t bytes) { storage_->grow_to(number_, bytes); }

SlotState BatchSlot::state() const {
  const std::lock_guard lock(storage_->mutex);
  return storage_->states.state(number_);
}

void BatchSlot::advance_to(SlotState next) {
  const std::lock_guard lock(storage_->mutex);
  storage_->states.advance_to(number_, next);
}

BatchBufferRing::BatchBufferRing(Allocator allocator, int slots, std::size_t bytes_per_slot,
                                 MemoryKind kind)
    : storage_(std::make_shared<SlotStorage>(std::move(allocator), slots, bytes_per_slot, kind)) {}

BatchBufferRing::~BatchBufferRing() {
  if (storage_) close();
}

std::optional<BatchSlot> BatchBufferRing::acquire(std::size_t bytes) {
  return make_slot(storage_->acquire(bytes), bytes);
}

std::optional<BatchSlot> BatchBufferRing::try_acquire(std::size_t bytes) {
  return make_slot(storage_->try_acquire(bytes), bytes);
}

std::optional<BatchSlot> BatchBufferRing::make_slot(std::optional<int> number, std::size_t bytes) {
  if (!number) return std::nullopt;
  BatchSlot slot(storage_, *number);
  storage_->grow_to(*number, bytes);
  return slot;
}

void BatchBufferRing::on_transfer_end(std::function<void()> callback) {
  storage_->set_callback(std::move(callback));
}

void BatchBufferRing::close() {
  storage_->set_callback(nullptr);
  {
    const std::lock_guard lock(storage_->mutex);
    storage_->states.close();
  }
  storage_->slot_released.notify_all();
}

BatchBufferStats BatchBufferRing::stats() const {
  const std::lock_guard lock(storage_->mutex);
  BatchBufferStats stats{.slots = storage_->states.count(),
                         .free = storage_->states.free(),
                         .grown = storage_->grown,
                         .waits = storage_->waits};
  for (const Buffer& block : storage_->buffers) stats.bytes += block.size;
  for (const Buffer& block : storage_->outgrown) stats.bytes += block.size;
  return stats;
}

}  // namespace pinfeed

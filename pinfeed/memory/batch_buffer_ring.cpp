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
// since freeing them can stop the device. With a limit both would take too much: a block grows to
// what is needed, and the old one is freed first. `stats()` counts each of these events, so that
// tests see that a running loader allocates nothing.
#include "pinfeed/memory/batch_buffer_ring.h"

#include <algorithm>
#include <cassert>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace pinfeed {

struct SlotStorage {
  SlotStorage(Allocator from, int count, std::size_t bytes, MemoryKind kind,
              BatchBufferRing::Limit most)
      : allocator(std::move(from)),
        bytes_per_slot(bytes),
        limit(most),
        states(count, kind),
        buffers(static_cast<std::size_t>(count)),
        announced(static_cast<std::size_t>(count), 0) {}

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
    std::optional<int> slot = try_acquire_locked(bytes);
    if (!slot || make_room(*slot, bytes)) return slot;
    states.release(*slot);
    return std::nullopt;
  }

  std::size_t size_for(const Buffer& block, std::size_t bytes) const {
    if (!block.empty() && block.size >= bytes) return block.size;
    if (block.empty()) return std::max(bytes, bytes_per_slot);
    return std::max(bytes, block.size + (limit ? 0 : block.size / 2));
  }

  // Whether the slot may have `bytes` without exceeding the limit. Frees the memory of free slots,
  // the largest first, where it would. The only slot that is in use may exceed it.
  bool make_room(int number, std::size_t bytes) {
    if (!limit) return true;
    const std::size_t size = size_for(buffer(number), bytes);
    const auto total = [&] {
      std::size_t sum = size - std::min(size, buffer(number).size);
      for (const Buffer& block : buffers) sum += block.size;
      return sum;
    };
    while (total() > *limit) {
      Buffer* largest = nullptr;
      for (int slot = 0; slot < states.count(); ++slot) {
        if (states.state(slot) != SlotState::free || buffer(slot).empty()) continue;
        if (largest == nullptr || buffer(slot).size > largest->size) largest = &buffer(slot);
      }
      if (largest == nullptr) return states.free() == states.count() - 1;
      *largest = {};
    }
    return true;
  }

  // Only the owner of the slot calls this. The allocation happens outside the lock.
  void grow_to(int number, std::size_t bytes) {
    Buffer& block = buffer(number);
    const bool first_use = block.empty();
    if (!first_use && block.size >= bytes) return;
    const std::size_t wanted = size_for(block, bytes);
    if (limit) {  // the old block counts too
      const std::lock_guard lock(mutex);
      make_room(number, bytes);
      block = {};
    }
    Buffer larger = allocator(wanted);
    assert((larger.kind == MemoryKind::device) == (states.kind() == MemoryKind::device));
    const std::lock_guard lock(mutex);
    std::swap(larger, block);
    grown += first_use ? 0 : 1;
    if (!larger.empty() && larger.kind != MemoryKind::pageable) outgrown.push_back(larger);
  }

  void release(int number) {
    bool call = false;
    {
      const std::lock_guard lock(mutex);
      const bool was_in_transfer = states.state(number) == SlotState::in_transfer;
      call = std::exchange(announced[static_cast<std::size_t>(number)], 0) != 0 || was_in_transfer;
      states.release(number);
    }
    slot_released.notify_one();
    if (!call) return;
    const std::lock_guard lock(callback_mutex);
    if (released) released();
  }

  void end_callbacks() {
    const std::lock_guard lock(callback_mutex);
    released = nullptr;
  }

  Allocator allocator;
  std::size_t bytes_per_slot = 0;
  BatchBufferRing::Limit limit;
  std::mutex mutex;
  std::condition_variable slot_released;
  SlotStates states;
  std::vector<Buffer> buffers;   // of each slot; empty before its first use
  std::vector<Buffer> outgrown;  // blocks that were too small
  std::vector<char> announced;   // slots whose release calls `released`
  std::int64_t grown = 0;
  std::int64_t waits = 0;
  std::mutex callback_mutex;  // held during the call, so that none runs after close() returned
  std::function<void()> released;
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

void BatchSlot::announce_release() {
  const std::lock_guard lock(storage_->mutex);
  storage_->announced[static_cast<std::size_t>(number_)] = 1;
}

BatchBufferRing::BatchBufferRing(Allocator allocator, int slots, std::size_t bytes_per_slot,
                                 MemoryKind kind, Limit limit)
    : storage_(std::make_shared<SlotStorage>(std::move(allocator), slots, bytes_per_slot, kind,
                                             limit)) {}

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

void BatchBufferRing::on_release(std::function<void()> callback) {
  storage_->released = std::move(callback);
}

void BatchBufferRing::close() {
  storage_->end_callbacks();
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

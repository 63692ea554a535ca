// SPDX-License-Identifier: Apache-2.0
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
        slots(count, kind),
        buffers(static_cast<std::size_t>(count)) {}

  Buffer& buffer(int slot) { return buffers[static_cast<std::size_t>(slot)]; }

  // A slot that is large enough, else the smallest, which will have to grow. All slots of a device
  // count alike: they come in turn.
  std::optional<int> choose(std::size_t bytes) {
    return slots.take([this, bytes](int slot) {
      if (slots.kind() == MemoryKind::device) return std::int64_t{0};
      const Buffer& room = buffer(slot);
      const bool fits = !room.empty() && room.size >= bytes;
      return fits ? std::int64_t{1} : -static_cast<std::int64_t>(room.size);
    });
  }

  std::optional<int> take(std::size_t bytes) {
    std::unique_lock lock(mutex);
    std::optional<int> slot = choose(bytes);
    if (!slot && !slots.closed()) ++waits;
    left_one.wait(lock, [&] { return slot || slots.closed() || (slot = choose(bytes)); });
    return slot;
  }

  std::optional<int> try_take(std::size_t bytes) {
    const std::lock_guard lock(mutex);
    return choose(bytes);
  }

  // The owner of the slot alone calls this; the allocation happens outside the lock.
  void fit(int number, std::size_t bytes) {
    Buffer& room = buffer(number);
    const std::size_t size = room.size;
    const bool first = room.empty();
    if (!first && size >= bytes) return;
    Buffer block =
        allocator(first ? std::max(bytes, bytes_per_slot) : std::max(bytes, size + size / 2));
    assert((block.kind == MemoryKind::device) == (slots.kind() == MemoryKind::device));
    const std::lock_guard lock(mutex);
    std::swap(block, room);
    grown += first ? 0 : 1;
    // Freeing pinned or device memory can stop the device: not before the loop ends.
    if (!first && room.kind != MemoryKind::pageable) outgrown.push_back(block);
  }

  void free(int number) {
    bool travelled = false;
    {
      const std::lock_guard lock(mutex);
      travelled = slots.state(number) == SlotState::travelling;
      slots.leave(number);
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
  std::size_t bytes_per_slot = 0;
  std::mutex mutex;
  std::condition_variable left_one;
  SlotStates slots;
  std::vector<Buffer> buffers;
  std::vector<Buffer> outgrown;
  std::int64_t grown = 0;
  std::int64_t waits = 0;
  std::mutex listening;  // held while `arrived` runs: who has closed the ring is not called
  std::function<void()> arrived;
};

BatchSlot& BatchSlot::operator=(BatchSlot&& other) noexcept {
  if (this == &other) return *this;
  if (room_) room_->free(number_);
  room_ = std::move(other.room_);
  number_ = other.number_;
  return *this;
}

BatchSlot::~BatchSlot() {
  if (room_) room_->free(number_);
}

Buffer BatchSlot::buffer() const {
  const std::lock_guard lock(room_->mutex);
  return room_->buffer(number_);
}

void BatchSlot::fit(std::size_t bytes) { room_->fit(number_, bytes); }

SlotState BatchSlot::state() const {
  const std::lock_guard lock(room_->mutex);
  return room_->slots.state(number_);
}

void BatchSlot::go(SlotState next) {
  const std::lock_guard lock(room_->mutex);
  room_->slots.go(number_, next);
}

BatchBufferRing::BatchBufferRing(Allocator allocator, int slots, std::size_t bytes_per_slot,
                                 MemoryKind kind)
    : room_(std::make_shared<SlotStorage>(std::move(allocator), slots, bytes_per_slot, kind)) {}

BatchBufferRing::~BatchBufferRing() {
  if (room_) close();
}

std::optional<BatchSlot> BatchBufferRing::acquire(std::size_t bytes) {
  return seated(room_->take(bytes), bytes);
}

std::optional<BatchSlot> BatchBufferRing::try_acquire(std::size_t bytes) {
  return seated(room_->try_take(bytes), bytes);
}

std::optional<BatchSlot> BatchBufferRing::seated(std::optional<int> number, std::size_t bytes) {
  if (!number) return std::nullopt;
  BatchSlot slot(room_, *number);
  room_->fit(*number, bytes);
  return slot;
}

void BatchBufferRing::when_arrived(std::function<void()> arrived) {
  room_->listen(std::move(arrived));
}

void BatchBufferRing::close() {
  room_->listen(nullptr);
  {
    const std::lock_guard lock(room_->mutex);
    room_->slots.close();
  }
  room_->left_one.notify_all();
}

BatchBufferStats BatchBufferRing::stats() const {
  const std::lock_guard lock(room_->mutex);
  BatchBufferStats stats{.slots = room_->slots.count(),
                         .free = room_->slots.free(),
                         .grown = room_->grown,
                         .waits = room_->waits};
  for (const Buffer& room : room_->buffers) stats.bytes += room.size;
  for (const Buffer& block : room_->outgrown) stats.bytes += block.size;
  return stats;
}

}  // namespace pinfeed

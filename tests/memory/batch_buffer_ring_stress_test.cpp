// SPDX-License-Identifier: Apache-2.0
// A million batches through the slots, with random pauses: no slot may grow, and no slot may have
// two owners.
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "pinfeed/memory/allocators.h"
#include "pinfeed/memory/transfer.h"
#include "tests/memory/bounded_queue.h"
#include "tests/memory/test_allocators.h"

namespace pinfeed {
namespace {

constexpr std::size_t bytes = 64;

// Random pauses of a thread.
class Pauses {
 public:
  explicit Pauses(unsigned seed) : random_(seed) {}
  void maybe() {
    const unsigned number = random_() % 4096U;
    if (number == 0) std::this_thread::sleep_for(std::chrono::microseconds(50));
    if (number < 8) std::this_thread::yield();
  }

 private:
  std::minstd_rand random_;
};

void write_number(const Buffer& buffer, std::int64_t number) {
  std::memcpy(buffer.data(), &number, sizeof number);
  std::memcpy(buffer.data() + bytes - sizeof number, &number, sizeof number);
}

bool holds_number(const std::byte* at, std::int64_t number) {
  return std::memcmp(at, &number, sizeof number) == 0 &&
         std::memcmp(at + bytes - sizeof number, &number, sizeof number) == 0;
}

struct Rendered {
  BatchSlot slot;
  std::int64_t number = 0;
};

// `count` batches by one worker, from its slots into the queue.
void render(BatchBufferRing& ring, BoundedQueue<Rendered>& queue, std::int64_t first,
            std::int64_t count) {
  Pauses pauses(static_cast<unsigned>(first) + 1);
  for (std::int64_t number = first; number < first + count; ++number) {
    std::optional<BatchSlot> slot = ring.acquire(bytes);
    if (!slot) return;
    write_number(slot->buffer(), number);
    pauses.maybe();
    slot->advance_to(SlotState::ready);
    queue.push({std::move(*slot), number});
  }
}

TEST(BatchBufferRingStress, AMillionBatchesGrowNoSlot) {
  constexpr std::int64_t each = 500'000;
  const Counted memory = counted(pageable());
  BatchBufferRing ring(memory.allocate, 8, bytes);
  BoundedQueue<Rendered> queue(8);
  std::thread one([&] { render(ring, queue, 0, each); });
  std::thread other([&] { render(ring, queue, each, each); });
  Pauses pauses(7);
  std::int64_t wrong = 0;
  for (std::int64_t i = 0; i < 2 * each; ++i) {
    std::optional<Rendered> batch = queue.pop();
    batch->slot.advance_to(SlotState::in_use);
    pauses.maybe();
    wrong += holds_number(batch->slot.buffer().data(), batch->number) ? 0 : 1;
  }
  one.join();
  other.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(ring.stats().grown, 0);
  EXPECT_EQ(ring.stats().free, 8);
  EXPECT_EQ(memory.stats().allocations, 8);
}

TEST(BatchBufferRingStress, ManyBatchesToTheDeviceWithPausesInTheStreams) {
  if (backend() != "host") GTEST_SKIP() << "only the streams of the host back end can be delayed";
  constexpr std::int64_t count = 5'000;
  delay_streams(11, std::chrono::microseconds(20));
  const Counted host = counted(pageable());
  const Counted device_memory = counted(device());
  BatchBufferRing ring(host.allocate, 2, bytes);
  Transfer transfer(BatchBufferRing(device_memory.allocate, 2, bytes, MemoryKind::device));
  const Stream reader;
  delay_streams(0, std::chrono::microseconds(0));
  std::vector<std::byte> read(static_cast<std::size_t>(count) * bytes);
  for (std::int64_t number = 0; number < count; ++number) {
    BatchSlot slot = *ring.acquire(bytes);
    write_number(slot.buffer(), number);
    slot.advance_to(SlotState::ready);
    std::optional<InFlightCopy> arrival = transfer.send(std::move(slot), bytes);
    const Buffer there = arrival->use_on(reader);
    copy_async({there.data(), bytes}, read.data() + static_cast<std::size_t>(number) * bytes,
               reader);
  }
  synchronize(reader);
  std::int64_t wrong = 0;
  for (std::int64_t number = 0; number < count; ++number) {
    wrong += holds_number(read.data() + static_cast<std::size_t>(number) * bytes, number) ? 0 : 1;
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(host.stats().allocations, 2);
  EXPECT_EQ(device_memory.stats().allocations, 2);
}

}  // namespace
}  // namespace pinfeed

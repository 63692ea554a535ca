// SPDX-License-Identifier: Apache-2.0
// A million batches through the seats, with pauses at random places: nothing may grow, and no two
// owners may meet in one seat.
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "bounded_queue.h"
#include "pinfeed/memory/allocators.h"
#include "pinfeed/memory/transfer.h"

namespace pinfeed {
namespace {

constexpr std::size_t bytes = 64;

// Now and then somebody is held up.
class Pauses {
 public:
  explicit Pauses(unsigned seed) : random_(seed) {}
  void maybe() {
    const unsigned drawn = random_() % 4096U;
    if (drawn == 0) std::this_thread::sleep_for(std::chrono::microseconds(50));
    if (drawn < 8) std::this_thread::yield();
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
  Seat seat;
  std::int64_t number = 0;
};

// `count` batches by one worker, from its seats into the queue.
void render(Slab& slab, BoundedQueue<Rendered>& queue, std::int64_t first, std::int64_t count) {
  Pauses pauses(static_cast<unsigned>(first) + 1);
  for (std::int64_t number = first; number < first + count; ++number) {
    std::optional<Seat> seat = slab.acquire(bytes);
    if (!seat) return;
    write_number(seat->buffer(), number);
    pauses.maybe();
    seat->go(SeatState::ready);
    queue.push({std::move(*seat), number});
  }
}

TEST(SlabStress, AMillionBatchesGrowNothing) {
  constexpr std::int64_t each = 500'000;
  const Counted memory = counted(pageable());
  Slab slab(memory.allocate, 8, bytes);
  BoundedQueue<Rendered> queue(8);
  std::thread one([&] { render(slab, queue, 0, each); });
  std::thread other([&] { render(slab, queue, each, each); });
  Pauses pauses(7);
  std::int64_t wrong = 0;
  for (std::int64_t i = 0; i < 2 * each; ++i) {
    std::optional<Rendered> batch = queue.pop();
    batch->seat.go(SeatState::in_use);
    pauses.maybe();
    wrong += holds_number(batch->seat.buffer().data(), batch->number) ? 0 : 1;
  }
  one.join();
  other.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(slab.stats().grown, 0);
  EXPECT_EQ(slab.stats().free, 8);
  EXPECT_EQ(memory.stats().allocations, 8);
}

TEST(SlabStress, ManyBatchesToTheDeviceWithPausesInTheStreams) {
  if (backend() != "host") GTEST_SKIP() << "only the host's streams can be slowed";
  constexpr std::int64_t count = 5'000;
  delay_streams(11, std::chrono::microseconds(20));
  const Counted host = counted(pageable());
  const Counted device_memory = counted(device());
  Slab slab(host.allocate, 2, bytes);
  Transfer transfer(Slab(device_memory.allocate, 2, bytes, MemoryPlace::device));
  const Stream reader;
  delay_streams(0, std::chrono::microseconds(0));
  std::vector<std::byte> read(static_cast<std::size_t>(count) * bytes);
  for (std::int64_t number = 0; number < count; ++number) {
    Seat seat = *slab.acquire(bytes);
    write_number(seat.buffer(), number);
    seat.go(SeatState::ready);
    std::optional<Arrival> arrival = transfer.send(std::move(seat), bytes);
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

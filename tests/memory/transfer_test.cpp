// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/transfer.h"
#include "pinfeed/memory/allocators.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "pinfeed/core/error.h"
#include "tests/allocations.h"

namespace pinfeed {
namespace {

constexpr std::size_t batch_bytes = 64 * 1024;
// With host slots that are pinned, and with pageable ones, which are staged.
class TransferTest : public testing::TestWithParam<MemoryKind> {
 protected:
  void SetUp() override {
    if (!device_present()) GTEST_SKIP() << "no " << backend() << " device on this machine";
  }
  static Allocator memory() { return GetParam() == MemoryKind::pinned ? pinned() : pageable(); }
};

INSTANTIATE_TEST_SUITE_P(Kinds, TransferTest,
                         testing::Values(MemoryKind::pinned, MemoryKind::pageable),
                         [](const auto& kind) {
                           return kind.param == MemoryKind::pinned ? "Pinned" : "Pageable";
                         });

void sleep_for(void* microseconds) {
  std::this_thread::sleep_for(std::chrono::microseconds(*static_cast<int*>(microseconds)));
}

// A rendered host slot whose bytes all are `value`.
BatchSlot rendered(BatchBufferRing& host, int value) {
  BatchSlot slot = *host.acquire(batch_bytes);
  std::memset(slot.buffer().data(), value, batch_bytes);
  return slot;
}

bool all_are(const Buffer& buffer, int value) {
  for (std::size_t i = 0; i < batch_bytes; ++i) {
    if (std::to_integer<int>(buffer.data()[i]) != value) return false;
  }
  return true;
}

// Reads the device bytes on a stream of its own, some time later, as a training step does.
Buffer read_back(InFlightCopy arrival, const Stream& reader, int* delay) {
  Buffer copy = allocate_pageable(batch_bytes);
  const Buffer device = arrival.use_on(reader);
  call_async(sleep_for, delay, reader);
  copy_async({device.data(), batch_bytes}, copy.data(), reader);
  return copy;
}

TEST_P(TransferTest, CopiesTheBytesToTheDevice) {
  BatchBufferRing host(memory(), 1, batch_bytes);
  Transfer transfer(BatchBufferRing(device(), 1, batch_bytes, MemoryKind::device));
  const Stream reader;
  int delay = 0;
  const Buffer copy = read_back(*transfer.send(rendered(host, 7), batch_bytes), reader, &delay);
  synchronize(reader);
  EXPECT_TRUE(all_are(copy, 7));
}

TEST_P(TransferTest, ReleasesTheHostSlotWhenTheBytesHaveArrived) {
  BatchBufferRing host(memory(), 1, batch_bytes);
  Transfer transfer(BatchBufferRing(device(), 2, batch_bytes, MemoryKind::device));
  std::optional<InFlightCopy> first = transfer.send(rendered(host, 1), batch_bytes);
  // Waits for the copy only: the device slot was not read yet.
  const BatchSlot again = *host.acquire(batch_bytes);
  const Stream reader;
  first->use_on(reader);
  synchronize(reader);
  EXPECT_EQ(again.state(), SlotState::rendering);
}

TEST_P(TransferTest, CallsTheRingsCallbackWhenASlotIsFreeAgain) {
  std::atomic<int> arrived = 0;
  BatchBufferRing host(memory(), 1, batch_bytes);
  host.on_release([&arrived] { ++arrived; });
  { const BatchSlot unsent = rendered(host, 1); }
  EXPECT_EQ(arrived, 0);
  {
    Transfer transfer(BatchBufferRing(device(), 1, batch_bytes, MemoryKind::device));
    for (int i = 0; i < 3; ++i) transfer.send(rendered(host, i), batch_bytes);
  }
  EXPECT_EQ(arrived, 3);
}

TEST_P(TransferTest, CallsNoCallbackOnceTheRingIsClosed) {
  std::atomic<int> arrived = 0;
  BatchBufferRing host(memory(), 1, batch_bytes);
  host.on_release([&arrived] { ++arrived; });
  {
    Transfer transfer(BatchBufferRing(device(), 1, batch_bytes, MemoryKind::device));
    BatchSlot slot = rendered(host, 1);
    host.close();
    transfer.send(std::move(slot), batch_bytes);
  }
  EXPECT_EQ(arrived, 0);
}

TEST_P(TransferTest, ReleasesADeviceSlotThatWasNeverRead) {
  BatchBufferRing host(memory(), 1, batch_bytes);
  Transfer transfer(BatchBufferRing(device(), 1, batch_bytes, MemoryKind::device));
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(transfer.send(rendered(host, i), batch_bytes));
  EXPECT_EQ(transfer.stats().free, 1);
}

TEST_P(TransferTest, ReleasesTheHostSlotWhenTheDeviceHasNoMemory) {
  BatchBufferRing host(memory(), 1, batch_bytes);
  const auto nothing = [](std::size_t) -> Buffer {
    throw Error(ErrorKind::device, "CUDA could not allocate 65536 bytes: out of memory");
  };
  Transfer transfer(BatchBufferRing(nothing, 1, batch_bytes, MemoryKind::device));
  EXPECT_THROW(transfer.send(rendered(host, 1), batch_bytes), Error);
  EXPECT_EQ(host.stats().free, 1);
  EXPECT_EQ(transfer.stats().free, 1);
}

// A callback that a stream waits in until it is opened.
struct Gate {
  static void pass(void* gate) { static_cast<Gate*>(gate)->opened.wait(false); }
  void open() {
    opened = true;
    opened.notify_all();
  }
  std::atomic<bool> opened = false;
};

// Opens the gate as soon as a call has taken so long that it must be waiting.
class GateKeeper {
 public:
  explicit GateKeeper(Gate& gate) : thread_([this, &gate] { keep(gate); }) {}
  ~GateKeeper() {
    ended_ = true;
    thread_.join();
  }
  void begin_call() { ++calls_; }

 private:
  void keep(Gate& gate) const {
    constexpr int waiting = 40;
    int before = 0;
    for (int same = 0; !ended_ && same < waiting; ++same) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      const int now = calls_;
      if (now != before) same = 0;
      before = now;
    }
    gate.open();
  }

  std::atomic<bool> ended_ = false;
  std::atomic<int> calls_ = 0;
  std::thread thread_;
};

// The list of the stream's work cannot grow, while earlier batches wait for a slow reader. The slot
// of the batch that was not sent, and those of the others, are released once.
TEST_P(TransferTest, ReleasesTheHostSlotWhenTheCopyCannotBeStarted) {
  if (backend() != "host" || GetParam() != MemoryKind::pinned)
    GTEST_SKIP() << "the driver keeps the work of a stream; a thread starts copies that are staged";
  constexpr int slots = 60;
  BatchBufferRing host(memory(), slots, batch_bytes);
  Transfer transfer(BatchBufferRing(device(), 1, batch_bytes, MemoryKind::device));
  Gate gate;
  const Stream reader;
  call_async(Gate::pass, &gate, reader);
  transfer.send(rendered(host, 0), batch_bytes)->use_on(reader);
  int sent = 1;
  bool refused = false;
  {
    GateKeeper keeper(gate);
    while (!refused && sent < slots) {
      BatchSlot slot = rendered(host, sent);
      keeper.begin_call();
      const test::AllocationLimit limit(4096);
      try {
        transfer.send(std::move(slot), batch_bytes);
        ++sent;
      } catch (const std::bad_alloc&) {
        refused = true;
      }
    }
  }
  EXPECT_TRUE(refused);
  EXPECT_GT(sent, 10);
  for (int i = 0; i < 1000 && host.stats().free < slots; ++i)  // a thread releases them
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(host.stats().free, slots);
  EXPECT_EQ(transfer.stats().free, 1);
  const Buffer copy = allocate_pageable(batch_bytes);
  {
    InFlightCopy next = *transfer.send(rendered(host, 99), batch_bytes);
    copy_async({next.use_on(reader).data(), batch_bytes}, copy.data(), reader);
  }
  synchronize(reader);
  EXPECT_TRUE(all_are(copy, 99));
}

// The device slots are still being read when the third batch is sent. A copy from pageable memory
// ends when the device has done it: who starts one waits for the reader.
TEST_P(TransferTest, DoesNotLetTheCallerWaitForTheReader) {
  BatchBufferRing host(memory(), 3, batch_bytes);
  Transfer transfer(BatchBufferRing(device(), 2, batch_bytes, MemoryKind::device));
  const Buffer copy = allocate_pageable(batch_bytes);
  const Stream reader;
  const auto send_two = [&] {
    for (int i = 1; i <= 2; ++i) transfer.send(rendered(host, i), batch_bytes)->use_on(reader);
  };
  {  // everything is allocated before the reader stops: allocating may wait for it
    std::vector<BatchSlot> all;
    for (int i = 0; i < 3; ++i) all.push_back(*host.acquire(batch_bytes));
  }
  send_two();
  Gate gate;
  call_async(Gate::pass, &gate, reader);
  send_two();
  {
    std::optional<InFlightCopy> third;
    {
      GateKeeper keeper(gate);
      third.emplace(*transfer.send(rendered(host, 3), batch_bytes));
      EXPECT_FALSE(gate.opened);
    }
    copy_async({third->use_on(reader).data(), batch_bytes}, copy.data(), reader);
  }
  synchronize(reader);
  EXPECT_TRUE(all_are(copy, 3));
}

TEST_P(TransferTest, MayBeDestroyedWhileCopiesAreInFlight) {
  BatchBufferRing host(memory(), 3, batch_bytes);
  {
    Transfer transfer(BatchBufferRing(device(), 3, batch_bytes, MemoryKind::device));
    for (int i = 0; i < 3; ++i) transfer.send(rendered(host, i), batch_bytes);
  }
  EXPECT_EQ(host.stats().free, 3);
}

TEST_P(TransferTest, SendsNothingOnceClosed) {
  BatchBufferRing host(memory(), 1, batch_bytes);
  Transfer transfer(BatchBufferRing(device(), 1, batch_bytes, MemoryKind::device));
  transfer.close();
  EXPECT_FALSE(transfer.send(rendered(host, 1), batch_bytes));
  EXPECT_EQ(host.stats().free, 1);
}

// The reader is sometimes far slower and sometimes far faster than the copies, and there are fewer
// device slots than batches. A copy that does not wait for `released` would overwrite a batch
// before it is read; a reader that does not wait for `arrived` would read the previous batch.
TEST_P(TransferTest, NeverMixesBatchesForAnyDelays) {
  BatchBufferRing host(memory(), 2, batch_bytes);
  Transfer transfer(BatchBufferRing(device(), 2, batch_bytes, MemoryKind::device));
  const Stream reader;
  std::mt19937 random(5);
  std::vector<int> delays(200);
  for (int& delay : delays) delay = static_cast<int>(random() % 4 == 0 ? random() % 900 : 0);
  std::vector<Buffer> copies;
  for (int i = 0; i < 200; ++i) {
    if (random() % 8 == 0) std::this_thread::sleep_for(std::chrono::microseconds(random() % 900));
    std::optional<InFlightCopy> arrival = transfer.send(rendered(host, i % 251), batch_bytes);
    copies.push_back(read_back(std::move(*arrival), reader, &delays[static_cast<std::size_t>(i)]));
  }
  synchronize(reader);
  for (int i = 0; i < 200; ++i)
    ASSERT_TRUE(all_are(copies[static_cast<std::size_t>(i)], i % 251)) << i;
  EXPECT_EQ(transfer.stats().bytes, 2 * batch_bytes);
}

TEST_P(TransferTest, AcceptsBatchesFromSeveralThreads) {
  BatchBufferRing host(memory(), 3, batch_bytes);
  Transfer transfer(BatchBufferRing(device(), 2, batch_bytes, MemoryKind::device));
  std::vector<std::thread> threads;
  for (int id = 1; id <= 3; ++id) {
    threads.emplace_back([&host, &transfer, id] {
      const Stream reader;
      int delay = 50 * id;
      for (int i = 0; i < 40; ++i) {
        const Buffer copy =
            read_back(*transfer.send(rendered(host, id), batch_bytes), reader, &delay);
        synchronize(reader);
        ASSERT_TRUE(all_are(copy, id));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace pinfeed

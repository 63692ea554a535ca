// SPDX-License-Identifier: Apache-2.0
// memory/device_cuda.cpp and what is above it, over the stand-in for the CUDA runtime.
#include "tests/cuda_standin/standin.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <cstring>
#include <mutex>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/inspect/digest.h"
#include "pinfeed/memory/allocators.h"
#include "pinfeed/memory/device.h"
#include "pinfeed/memory/kernels.h"
#include "pinfeed/memory/staging.h"
#include "pinfeed/memory/transfer.h"
#include "tests/data/windows.h"

namespace pinfeed {
namespace {

constexpr std::size_t batch_bytes = 64 * 1024;

TEST(CudaStandin, IsTheBackEndOfThisProgram) {
  EXPECT_EQ(backend(), "cuda");
  EXPECT_EQ(device_description(), "stand-in, 1000 MB");
}

// What the normalisation makes of 16 bytes; starting it fails if a call before it has left an
// error.
void normalize_something() {
  const Stream stream;
  const Buffer pixels = allocate_device(16);
  const Buffer floats = allocate_device(64);
  normalize_pixels({.pixels = reinterpret_cast<const std::uint8_t*>(pixels.data()),
                    .count = 1,
                    .height = 4,
                    .width = 4,
                    .channels = 1},
                   {}, {.values = floats.data(), .height = 4, .width = 4}, stream);
  synchronize(stream);
}

TEST(CudaLastError, IsForgottenAfterAnEventThatIsNotReached) {
  const Stream stream;
  const Event event;
  bool open = false;
  std::mutex gate;
  std::condition_variable opened;
  standin::push(static_cast<cudaStream_t>(stream.native()), [&] {
    std::unique_lock lock(gate);
    opened.wait(lock, [&] { return open; });
  });
  record(event, stream);
  EXPECT_FALSE(reached(event));
  {
    const std::lock_guard lock(gate);
    open = true;
  }
  opened.notify_all();
  EXPECT_NO_THROW(normalize_something());
  synchronize(event);
  EXPECT_TRUE(reached(event));
}

TEST(CudaLastError, IsForgottenAfterAnAllocationThatFails) {
  EXPECT_THROW(allocate_device(std::size_t{1} << 50U), Error);
  EXPECT_THROW(allocate_pinned(std::size_t{1} << 50U), Error);
  EXPECT_NO_THROW(normalize_something());
}

// Copies 12 batches from host slots to two device slots and reads each back. False when a batch
// has other bytes than were sent.
bool send_batches_from(const Allocator& memory) {
  BatchBufferRing host(memory, 3, batch_bytes);
  Transfer transfer(BatchBufferRing([](std::size_t bytes) { return allocate_device(bytes); }, 2,
                                    batch_bytes, MemoryKind::device));
  std::vector<Buffer> copies;
  const Stream reader;  // its destructor waits for what reads and writes the buffers above
  for (int i = 0; i < 12; ++i) {
    BatchSlot slot = *host.acquire(batch_bytes);
    std::memset(slot.buffer().data(), i + 1, batch_bytes);
    InFlightCopy copy = *transfer.send(std::move(slot), batch_bytes);
    copies.push_back(allocate_pinned(batch_bytes));
    copy_async({copy.use_on(reader).data(), batch_bytes}, copies.back().data(), reader);
  }
  synchronize(reader);
  for (int i = 0; i < 12; ++i) {
    for (std::size_t at = 0; at < batch_bytes; ++at) {
      if (std::to_integer<int>(copies[static_cast<std::size_t>(i)].data()[at]) != i + 1)
        return false;
    }
  }
  return true;
}

bool send_batches() { return send_batches_from(pinned()); }

bool send_pageable_batches() { return send_batches_from(pageable()); }

// Copies pageable memory through the staging buffers and back.
bool stage_bytes() {
  std::vector<std::byte> bytes(5 * 4096 + 17, std::byte{9});
  const Buffer there = allocate_device(bytes.size());
  std::vector<std::byte> back(bytes.size());
  const Stream stream;
  Staging staging(allocate_pinned, 4096);
  staging.copy(bytes, there.data(), stream);
  copy_async({there.data(), there.size}, back.data(), stream);
  synchronize(stream);
  return back == bytes;
}

// Each call of the runtime fails once. The work ends with an error of the device or is right, and
// the next one is right.
TEST(CudaFailures, OfEachCallInTurnEndInAnError) {
  for (const auto& work : {send_batches, send_pageable_batches, stage_bytes}) {
    const long before = standin::calls();
    ASSERT_TRUE(work());
    const long calls = standin::calls() - before;
    ASSERT_GT(calls, 20);
    int errors = 0;
    for (long call = 1; call <= calls; ++call) {
      standin::fail_call(call);
      try {
        EXPECT_TRUE(work()) << "call " << call;
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::device) << error.what();
        ++errors;
      }
      standin::fail_call(0);
      ASSERT_TRUE(work()) << "after call " << call;
      EXPECT_EQ(cudaGetLastError(), cudaSuccess) << "after call " << call;
    }
    EXPECT_GT(errors, calls / 4);
  }
}

// The host waits for copies on the thread that releases host slots only: one time for each.
TEST(CudaSynchronizations, AreNotNeededToSendAndRead) {
  BatchBufferRing host(allocate_pinned, 3, batch_bytes);
  Transfer transfer(BatchBufferRing([](std::size_t bytes) { return allocate_device(bytes); }, 2,
                                    batch_bytes, MemoryKind::device));
  const Stream reader;
  const Buffer copy = allocate_pinned(batch_bytes);
  const long before = standin::synchronizations();
  for (int i = 0; i < 50; ++i) {
    InFlightCopy sent = *transfer.send(*host.acquire(batch_bytes), batch_bytes);
    copy_async({sent.use_on(reader).data(), batch_bytes}, copy.data(), reader);
  }
  EXPECT_LE(standin::synchronizations() - before, 50);
  synchronize(reader);
}

// Images that grow from batch to batch, so that slots have to grow while copies are under way.
Dataset growing_windows() {
  Dataset dataset = windows();
  dataset.plan = [](std::int64_t index, RandomContext& random) -> std::optional<Sample> {
    const int side = 16 + 8 * static_cast<int>(index / 4);
    const image::ImageExpr image = image::resized(image::plain(noise().view(), random.arena()),
                                                  {side, side}, image::Interpolation::bilinear);
    Sample sample(random.arena());
    sample.index = index;
    sample.image = image;
    sample.packed = map_node(random.arena());
    set(sample.packed, "inputs", {sample.image});
    return sample;
  };
  return dataset;
}

std::vector<std::string> digests(const LoaderLimits& limits, int batches) {
  Loader loader(growing_windows(), in_order(), stacked(), {.batch_size = 4}, limits);
  std::vector<std::string> all;
  while (static_cast<int>(all.size()) < batches) {
    if (const auto batch = loader.next()) all.push_back(digest(*batch));
  }
  return all;
}

// A batch of the loader goes through Transfer, as DeviceFeed does it. Locking the memory of a slot
// that grows waits for the device (STANDIN_SYNC=1): no work of the device may need a lock that the
// loader holds meanwhile.
TEST(CudaLoader, GrowsItsSlotsWhileCopiesAreUnderWay) {
  constexpr int batches = 12;
  const std::vector<std::string> want = digests({.threads = 2}, batches);
  const LoaderLimits limits{.threads = 2, .slots = 3, .pinning = Pinning::prefer, .device = 0};
  EXPECT_EQ(digests(limits, batches), want);
  for (int round = 0; round < 20; ++round) {
    Loader loader(growing_windows(), in_order(), stacked(), {.batch_size = 4}, limits);
    Transfer transfer(BatchBufferRing([](std::size_t bytes) { return allocate_device(bytes); }, 2,
                                      batch_bytes, MemoryKind::device));
    const Stream reader;
    for (int i = 0; i < batches;) {
      std::optional<Batch> batch = loader.next();
      if (!batch) continue;
      const Buffer bytes = batch->bytes();
      std::vector<std::byte> sent(bytes.data(), bytes.data() + bytes.size);
      const Buffer back = allocate_pinned(bytes.size);
      {
        InFlightCopy copy = *transfer.send(batch->take_slot(), bytes.size);
        copy_async({copy.use_on(reader).data(), bytes.size}, back.data(), reader);
      }
      synchronize(reader);
      ASSERT_EQ(std::memcmp(back.data(), sent.data(), sent.size()), 0) << "batch " << i;
      ++i;
    }
    EXPECT_GT(loader.slots().grown, 0);
  }
}

}  // namespace
}  // namespace pinfeed

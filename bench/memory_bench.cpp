// SPDX-License-Identifier: Apache-2.0
// Benchmarks of memory/: collating tensors into a slot compared with one memcpy of the same bytes,
// the hand-over of a batch, a pool hit, and the kernel that converts bytes to floats.
#include <benchmark/benchmark.h>

#include <cstring>
#include <vector>

#include "pinfeed/data/collate.h"
#include "pinfeed/data/collates/list.h"
#include "pinfeed/memory/allocators.h"
#include "pinfeed/memory/host_memory.h"
#include "pinfeed/memory/kernels.h"
#include "pinfeed/memory/pool.h"
#include "pinfeed/memory/transfer.h"

namespace pinfeed {
namespace {

constexpr std::int64_t sample_count = 64;

std::vector<TreeNode> tensor_items() {
  std::vector<TreeNode> items;
  for (std::int64_t i = 0; i < sample_count; ++i) {
    Tensor tensor = Tensor::empty(DType::float32, {3, 224, 224});
    std::memset(tensor.data(), static_cast<int>(i), tensor.bytes());
    items.emplace_back(tensor);
  }
  return items;
}

constexpr std::size_t batch_bytes = sample_count * 3 * 224 * 224 * sizeof(float);

void set_bytes(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes) * state.iterations());
}

void BM_DefaultCollateOf64Tensors(benchmark::State& state) {
  const std::vector<TreeNode> items = tensor_items();
  BatchBufferRing ring(pageable(), 2, batch_bytes);
  Arena arena;
  for (auto _ : state) {
    arena.reset();
    std::optional<BatchSlot> slot = ring.acquire(batch_bytes);
    Layout batch = layout(DefaultCollate{}, items, arena);
    finalize_layout(batch, slot->buffer());
    slot->advance_to(SlotState::ready);
    slot->advance_to(SlotState::in_use);
    benchmark::ClobberMemory();
  }
  set_bytes(state, batch_bytes);
}
BENCHMARK(BM_DefaultCollateOf64Tensors)->Unit(benchmark::kMillisecond);

void BM_OneMemcpyOfTheSameBytes(benchmark::State& state) {
  const Buffer from = allocate_pageable(batch_bytes);
  const Buffer to = allocate_huge(batch_bytes);
  std::memset(from.data(), 1, batch_bytes);
  for (auto _ : state) {
    std::memcpy(to.data(), from.data(), batch_bytes);
    benchmark::ClobberMemory();
  }
  set_bytes(state, batch_bytes);
}
BENCHMARK(BM_OneMemcpyOfTheSameBytes)->Unit(benchmark::kMillisecond);

void BM_HandOverOfASlotOnTheCpu(benchmark::State& state) {
  BatchBufferRing ring(pageable(), 4, 4096);
  for (auto _ : state) {
    std::optional<BatchSlot> slot = ring.acquire(4096);
    slot->advance_to(SlotState::ready);
    slot->advance_to(SlotState::in_use);
    benchmark::DoNotOptimize(slot->buffer().data());
  }
}
BENCHMARK(BM_HandOverOfASlotOnTheCpu);

// Few bytes: measures the events and the queue, not the copy.
void BM_HandOverOfASlotToTheDevice(benchmark::State& state) {
  BatchBufferRing ring(pageable(), 4, 64);
  Transfer transfer(BatchBufferRing(device(), 2, 64, MemoryKind::device));
  const Stream reader;
  for (auto _ : state) {
    BatchSlot slot = *ring.acquire(64);
    slot.advance_to(SlotState::ready);
    std::optional<InFlightCopy> arrival = transfer.send(std::move(slot), 64);
    benchmark::DoNotOptimize(arrival->use_on(reader).data());
  }
  synchronize(reader);
}
BENCHMARK(BM_HandOverOfASlotToTheDevice);

void BM_PoolHit(benchmark::State& state) {
  const Pool pool = pooled(pageable());
  pool.allocate(100'000);
  for (auto _ : state) benchmark::DoNotOptimize(pool.allocate(100'000).data());
}
BENCHMARK(BM_PoolHit)->Threads(1)->Threads(2);

void BM_NormalizePixels(benchmark::State& state, DType dtype, bool channels_last) {
  constexpr std::int64_t height = 800;
  constexpr std::int64_t width = 1344;
  const std::vector<std::uint8_t> pixels(3 * height * width, 77);
  const Buffer floats = allocate_huge(pixels.size() * size_of(dtype));
  const PixelRule rule{.normalize = true,
                       .reverse_channels = true,
                       .mean = {123.675F, 116.28F, 103.53F},
                       .std = {58.395F, 57.12F, 57.375F}};
  for (auto _ : state) {
    normalize_pixels({pixels.data(), 1, height, width}, rule,
                     {floats.data(), dtype, channels_last, height, width}, 0, height);
    benchmark::ClobberMemory();
  }
  set_bytes(state, pixels.size() + floats.size);
}
BENCHMARK_CAPTURE(BM_NormalizePixels, float32_planes, DType::float32, false);
BENCHMARK_CAPTURE(BM_NormalizePixels, float32_channels_last, DType::float32, true);
BENCHMARK_CAPTURE(BM_NormalizePixels, float16_planes, DType::float16, false);

}  // namespace
}  // namespace pinfeed

BENCHMARK_MAIN();

// SPDX-License-Identifier: Apache-2.0
// The bars that need a device: copies beside what a plain pinned copy of 256 MiB reaches, the
// kernels beside the device's own copy, and the time a training loop spends waiting for data. Also
// runs on the host back end, where its numbers mean nothing.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <vector>

#include "pinfeed/memory/allocators.h"
#include "pinfeed/memory/kernels.h"
#include "pinfeed/memory/staging.h"
#include "pinfeed/memory/transfer.h"

namespace pinfeed {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t mib = std::size_t{1} << 20U;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// GB/s of work that moves `bytes`: the median of nine runs after one that warms up.
template <class Work>
double rate(std::size_t bytes, const Stream& stream, Work work) {
  std::vector<double> times;
  for (int i = 0; i < 10; ++i) {
    const Clock::time_point start = Clock::now();
    work();
    synchronize(stream);
    if (i > 0) times.push_back(seconds_since(start));
  }
  std::sort(times.begin(), times.end());
  return static_cast<double>(bytes) / times[times.size() / 2] / 1e9;
}

void copies() {
  const std::size_t bytes = 256 * mib;
  const Stream stream;
  const Buffer there = allocate_device(bytes);
  const Buffer locked = allocate_pinned(bytes);
  const Buffer loose = allocate_pageable(bytes);
  std::fill_n(locked.data(), bytes, std::byte{1});
  std::fill_n(loose.data(), bytes, std::byte{1});
  const double plain = rate(bytes, stream, [&] {
    copy_async({locked.data(), bytes}, there.data(), stream);
  });
  const double driver = rate(bytes, stream, [&] {
    copy_async({loose.data(), bytes}, there.data(), stream);
  });
  Staging staging(pinned(), 4 * mib);
  const double staged = rate(bytes, stream, [&] {
    staging.copy({loose.data(), bytes}, there.data(), stream);
  });
  BatchBufferRing host(pinned(), 3, bytes / 4);
  Transfer transfer(BatchBufferRing(device(), 2, bytes / 4, MemoryKind::device));
  const double batches = rate(bytes, stream, [&] {
    for (int i = 0; i < 4; ++i) {
      BatchSlot slot = *host.acquire(bytes / 4);
      slot.advance_to(SlotState::ready);
      (void)transfer.send(std::move(slot), bytes / 4)->use_on(stream);
    }
  });
  fmt::print("plain pinned copy of 256 MiB     {:8.2f} GB/s\n", plain);
  fmt::print("batches through the slot ring    {:8.2f} GB/s  {:.3f} of it (bar 0.95)\n", batches,
             batches / plain);
  fmt::print("pageable, by the driver          {:8.2f} GB/s\n", driver);
  fmt::print("pageable, staged by pinfeed      {:8.2f} GB/s  {:.3f} of the driver's (bar 1)\n",
             staged, staged / driver);
}

void kernels() {
  constexpr std::int64_t count = 64;
  constexpr std::int64_t side = 1024;
  const auto values = static_cast<std::size_t>(count * side * side * 3);
  const Stream stream;
  const Buffer pixels = allocate_device(values);
  const Buffer floats = allocate_device(4 * values);
  const double peak = rate(4 * values, stream, [&] {
    copy_async({floats.data(), 2 * values}, floats.data() + 2 * values, stream);
  });
  fmt::print("device to device copy            {:8.2f} GB/s, read and write\n", peak);
  const PixelRule rule{.normalize = true, .mean = {123.0F, 116.0F, 103.0F}, .std = {58, 57, 57}};
  for (const DType dtype : {DType::float32, DType::float16, DType::bfloat16}) {
    for (const bool last : {false, true}) {
      const double speed = rate(values * (1 + size_of(dtype)), stream, [&] {
        normalize_pixels({reinterpret_cast<const std::uint8_t*>(pixels.data()), count, side, side},
                         rule, {floats.data(), dtype, last, side, side}, stream);
      });
      fmt::print("normalise to {:<9}{:<14} {:8.2f} GB/s  {:.3f} of it (bar 0.85)\n", name_of(dtype),
                 last ? "channels last" : "planes", speed, speed / peak);
    }
  }
}

// A kernel of about 30 ms per step, and 100 MB per batch: what the loop waits for its data.
void training_loop() {
  constexpr std::size_t bytes = 100'000'000;
  constexpr int steps = 60;
  BatchBufferRing host(pinned(), 3, bytes);
  Transfer transfer(BatchBufferRing(device(), 2, bytes, MemoryKind::device));
  const Stream compute;
  const Buffer floats = allocate_device(4 * bytes);
  const auto kernel = [&](const Buffer& batch) {
    normalize_pixels({reinterpret_cast<const std::uint8_t*>(batch.data()), 1, 10'000, 3'333}, {},
                     {floats.data(), DType::float32, false, 10'000, 3'333}, compute);
  };
  const Buffer any = allocate_device(bytes);
  const Clock::time_point once = Clock::now();
  kernel(any);
  synchronize(compute);
  const int repeats = std::max(1, static_cast<int>(0.030 / seconds_since(once)));
  double waited = 0.0;
  const Clock::time_point start = Clock::now();
  for (int step = 0; step < steps; ++step) {
    const Clock::time_point asked = Clock::now();
    BatchSlot slot = *host.acquire(bytes);
    slot.advance_to(SlotState::ready);
    std::optional<InFlightCopy> arrival = transfer.send(std::move(slot), bytes);
    const Buffer batch = arrival->use_on(compute);
    if (step > 2) waited += seconds_since(asked);
    for (int i = 0; i < repeats; ++i) kernel(batch);
    synchronize(compute);  // as a training step that reads its loss
  }
  const double step_seconds = seconds_since(start) / steps;
  fmt::print("step {:.2f} ms, data_time {:.3f} ms: {:.2f} % (bar 1 %)\n", 1e3 * step_seconds,
             1e3 * waited / (steps - 3), 100 * waited / (steps - 3) / step_seconds);
}

}  // namespace
}  // namespace pinfeed

// With the argument `loop` the training loop alone, for a trace.
int main(int count, char** arguments) {
  fmt::print("{}\n", pinfeed::device_description());
  if (!pinfeed::device_present()) return 0;  // the line above says why
  if (count > 1 && std::string_view(arguments[1]) == "loop") {
    pinfeed::training_loop();
    return 0;
  }
  pinfeed::copies();
  pinfeed::kernels();
  pinfeed::training_loop();
}

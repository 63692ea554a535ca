// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/measure.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>

#include "pinfeed/core/error.h"
#include "pinfeed/memory/allocators.h"
#include "pinfeed/memory/device.h"
#include "pinfeed/memory/host_memory.h"
#include "pinfeed/memory/kernels.h"
#include "pinfeed/memory/staging.h"

namespace pinfeed {
namespace {

constexpr int repetitions = 5;
constexpr double time_limit = 0.1;  // seconds for one number: a busy machine repeats less
constexpr double gib = 1024.0 * 1024.0 * 1024.0;

double seconds_of(const std::function<void()>& action) {
  const auto start = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> times) {
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return std::max(*middle, 1e-9);
}

double median_seconds(const std::function<double()>& seconds) {
  std::vector<double> times;
  double spent = 0.0;
  while (times.empty() || (times.size() < repetitions && spent < time_limit)) {
    times.push_back(seconds());
    spent += times.back();
  }
  return median(std::move(times));
}

// Writes a byte into each page, so that the system provides the pages.
void touch(const Buffer& buffer) {
  volatile std::byte* bytes = buffer.data();
  for (std::size_t at = 0; at < buffer.size; at += page_bytes()) bytes[at] = std::byte{1};
}

Buffer touched(Buffer buffer) {
  touch(buffer);
  return buffer;
}

// The result of `function`; empty if the system refuses to lock the memory that it allocates: other
// parts of the process may have used up the limit.
template <class Function>
auto if_lockable(const Function& function) -> std::optional<decltype(function())> {
  try {
    return function();
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::optional<Buffer> locked_block(std::size_t bytes) {
  if (bytes == 0 || !device_present()) return std::nullopt;
  return if_lockable([bytes] { return touched(allocate_pinned(bytes)); });
}

// Source and destination of the copies. Blocks that the machine does not allow stay empty.
struct Blocks {
  explicit Blocks(std::size_t bytes, std::size_t pinned_bytes)
      : from(touched(allocate_pageable(bytes))),
        to(touched(allocate_pageable(bytes))),
        pinned(locked_block(pinned_bytes)) {
    if (device_present()) device = allocate_device(bytes);
    if (device && backend() == "host") touch(*device);
  }

  Buffer from;
  Buffer to;
  std::optional<Buffer> pinned;
  std::optional<Buffer> device = {};
};

std::span<const std::byte> first(const Buffer& buffer, std::size_t bytes) {
  return {buffer.data(), bytes};
}

// Bytes per second. The first run, with cold pages and sleeping threads, does not count.
double rate(std::size_t bytes, const std::function<void()>& copy) {
  copy();
  return static_cast<double>(bytes) / median_seconds([&copy] { return seconds_of(copy); });
}

void host_copies(std::vector<CopyRate>& rates, const Blocks& blocks) {
  const std::size_t bytes = blocks.from.size;
  rates.push_back(
      {"pageable_to_fresh", "pageable to memory that was just allocated", rate(bytes, [&] {
         std::memcpy(allocate_pageable(bytes).data(), blocks.from.data(), bytes);
       })});
  rates.push_back({"pageable_to_pageable", "pageable to pageable that is used again",
                   rate(bytes, [&] { std::memcpy(blocks.to.data(), blocks.from.data(), bytes); })});
  CopyRate pinned{"pageable_to_pinned", "pageable to pinned that is used again"};
  if (blocks.pinned) {
    const std::size_t size = blocks.pinned->size;
    pinned.bytes_per_second =
        rate(size, [&] { std::memcpy(blocks.pinned->data(), blocks.from.data(), size); });
  }
  rates.push_back(std::move(pinned));
}

// Bytes per second of copies to the device and back; empty without a device.
class DeviceRoutes {
 public:
  explicit DeviceRoutes(const Blocks& blocks) : blocks_(blocks) {}

  std::optional<double> pageable_by_driver() {
    if (!blocks_.device) return std::nullopt;
    return rate(blocks_.from.size, [&] { send(blocks_.from); });
  }

  std::optional<double> staged() {
    if (!possible()) return std::nullopt;
    const std::size_t chunk = std::min(staging_chunk_bytes(), blocks_.pinned->size);
    std::optional<Staging> staging;
    if (chunk == 0 || !if_lockable([&] { return &staging.emplace(pinned(), chunk); })) {
      return std::nullopt;
    }
    return rate(blocks_.from.size, [&] {
      staging->copy(first(blocks_.from, blocks_.from.size), blocks_.device->data(), stream_);
      synchronize(stream_);
    });
  }

  // The host waits for each quarter, or only for the last.
  std::optional<double> pinned_in_quarters(bool waiting) {
    if (!possible()) return std::nullopt;
    const std::size_t quarter = blocks_.pinned->size / 4;
    return rate(4 * quarter, [&] {
      for (std::size_t i = 0; i < 4; ++i) {
        copy_async({blocks_.pinned->data() + i * quarter, quarter},
                   blocks_.device->data() + i * quarter, stream_);
        if (waiting) synchronize(stream_);
      }
      synchronize(stream_);
    });
  }

  std::optional<double> back() {
    if (!possible()) return std::nullopt;
    return rate(blocks_.pinned->size, [&] {
      copy_async(first(*blocks_.device, blocks_.pinned->size), blocks_.pinned->data(), stream_);
      synchronize(stream_);
    });
  }

  // One half of the pinned block is copied to the device while the other half is filled from it.
  std::optional<double> both_ways() {
    if (!possible()) return std::nullopt;
    const std::size_t half = blocks_.pinned->size / 2;
    return rate(2 * half, [&] {
      copy_async(first(*blocks_.pinned, half), blocks_.device->data(), stream_);
      copy_async({blocks_.device->data() + half, half}, blocks_.pinned->data() + half, other_);
      synchronize(stream_);
      synchronize(other_);
    });
  }

  std::optional<Overlap> overlap() {
    if (!possible()) return std::nullopt;
    const auto copy = [&] {
      copy_async(first(*blocks_.pinned, blocks_.pinned->size), blocks_.device->data(), stream_);
    };
    const double alone = timed(copy);
    // As many kernels as take the time of the copy. The time of one alone is mostly that of its
    // start, so the number is corrected until it fits.
    int times = 1;
    const auto kernels = [&] {
      for (int i = 0; i < times; ++i) kernel();
    };
    double computing = timed(kernels);
    constexpr int corrections = 5;
    for (int i = 0; i < corrections && (computing < 0.9 * alone || computing > 1.1 * alone); ++i) {
      times = static_cast<int>(std::clamp(times * alone / computing, 1.0, 1e5));
      computing = timed(kernels);
    }
    const double together = timed([&] {
      kernels();
      copy();
    });
    return Overlap{
        .copy_seconds = alone, .kernel_seconds = computing, .together_seconds = together};
  }

 private:
  bool possible() const { return blocks_.device && blocks_.pinned; }

  void send(const Buffer& from) {
    copy_async(first(from, from.size), blocks_.device->data(), stream_);
    synchronize(stream_);
  }

  // Images of 256 x 256 become floats, on the other stream.
  void kernel() {
    constexpr std::int64_t side = 256;
    if (pixels_.empty()) {
      pixels_ = allocate_device(3 * side * side);
      floats_ = allocate_device(3 * side * side * sizeof(float));
    }
    normalize_pixels({reinterpret_cast<const std::uint8_t*>(pixels_.data()), 1, side, side}, {},
                     {floats_.data(), DType::float32, false, side, side}, other_);
  }

  // The first run, which may load a kernel, does not count.
  template <class Work>
  double timed(Work work) {
    const auto run = [&] {
      work();
      synchronize(stream_);
      synchronize(other_);
    };
    run();
    return median_seconds([&] { return seconds_of(run); });
  }

  const Blocks& blocks_;
  Stream stream_;
  Stream other_;
  Buffer pixels_ = {};
  Buffer floats_ = {};
};

void device_copies(MemoryRates& rates, const Blocks& blocks) {
  const auto add = [&rates](const char* name, const char* meaning, std::optional<double> speed) {
    rates.copies.push_back({name, meaning, speed});
  };
  if (!blocks.device) {
    for (const char* name : {"pageable_to_device", "staged_to_device", "pinned_to_device_waiting",
                             "pinned_to_device", "device_to_pinned", "both_ways"}) {
      add(name, "needs a device", std::nullopt);
    }
    return;
  }
  DeviceRoutes routes(blocks);
  add("pageable_to_device", "pageable to the device, as the driver does it",
      routes.pageable_by_driver());
  add("staged_to_device", "pageable to the device in chunks through two pinned buffers",
      routes.staged());
  add("pinned_to_device_waiting", "pinned to the device, the host waits for each quarter",
      routes.pinned_in_quarters(true));
  add("pinned_to_device", "pinned to the device, the host does not wait",
      routes.pinned_in_quarters(false));
  add("device_to_pinned", "the device to pinned", routes.back());
  add("both_ways", "pinned to the device and back at once, together", routes.both_ways());
  rates.overlap = routes.overlap();
}

// Seconds per GiB, measured with blocks of `bytes`. Freeing is not counted.
double allocation(std::size_t bytes, const Allocator& allocate) {
  const double seconds = median_seconds([&] {
    Buffer buffer;
    return seconds_of([&] { buffer = touched(allocate(bytes)); });
  });
  return seconds * gib / static_cast<double>(bytes);
}

}  // namespace

double Overlap::hidden() const {
  const double shorter = std::min(copy_seconds, kernel_seconds);
  return std::clamp((copy_seconds + kernel_seconds - together_seconds) / shorter, 0.0, 1.0);
}

MemoryRates measure_memory(std::size_t bytes) {
  MemoryRates rates{.block_bytes = bytes};
  // The other half is for the staging buffers.
  const std::size_t most = pin_limit() / 2 / page_bytes() * page_bytes();
  {
    const Blocks blocks(bytes, std::min(bytes, most));
    rates.pinned_block_bytes = blocks.pinned ? blocks.pinned->size : 0;
    host_copies(rates.copies, blocks);
    device_copies(rates, blocks);
  }  // unlocks the blocks: the measurement below locks memory again
  AllocationTimes& times = rates.allocate_seconds_per_gib;
  times.pageable = allocation(bytes, allocate_pageable);
  if (rates.pinned_block_bytes > 0) {
    times.pinned =
        if_lockable([&] { return allocation(rates.pinned_block_bytes, allocate_pinned); });
  }
  const Pool pool = pooled(allocate_pageable, {.keep_bytes = 2 * bytes});
  pool.allocate(bytes);  // the only request that reaches the upstream allocator
  times.pooled = allocation(bytes, pool.allocate);
  rates.pool = pool.stats();
  return rates;
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/measure.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>

#include "pinfeed/core/error.h"
#include "pinfeed/memory/device.h"
#include "pinfeed/memory/host_memory.h"

namespace pinfeed {
namespace {

constexpr int repetitions = 5;
constexpr double patience = 0.1;  // seconds for one number: a busy machine repeats less
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
  while (times.empty() || (times.size() < repetitions && spent < patience)) {
    times.push_back(seconds());
    spent += times.back();
  }
  return median(std::move(times));
}

// Writes a byte into each page: what the first use of memory has to pay.
void touch(const Buffer& buffer) {
  volatile std::byte* bytes = buffer.data();
  for (std::size_t at = 0; at < buffer.size; at += page_bytes()) bytes[at] = std::byte{1};
}

Buffer touched(Buffer buffer) {
  touch(buffer);
  return buffer;
}

std::optional<Buffer> locked_block(std::size_t bytes) {
  if (bytes == 0 || !device_present()) return std::nullopt;
  try {
    return touched(allocate_pinned(bytes));
  } catch (const Error&) {
    return std::nullopt;  // the limit counts what others of this process have locked too
  }
}

// What is copied between. Blocks that this machine cannot give stay empty.
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

// The first run, which meets cold pages and sleeping threads, does not count.
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

void device_copies(std::vector<CopyRate>& rates, const Blocks& blocks) {
  CopyRate pageable{"pageable_to_device", "pageable to the device"};
  CopyRate pinned{"pinned_to_device", "pinned to the device"};
  CopyRate staged{"staged_to_device", "pageable to pinned to the device, one after the other"};
  if (blocks.device) {
    const Stream stream;
    const auto send = [&](const Buffer& from, std::size_t bytes) {
      copy_async(first(from, bytes), blocks.device->data(), stream);
      synchronize(stream);
    };
    const std::size_t bytes = blocks.from.size;
    pageable.bytes_per_second = rate(bytes, [&] { send(blocks.from, bytes); });
    if (blocks.pinned) {
      const Buffer& block = *blocks.pinned;
      pinned.bytes_per_second = rate(block.size, [&] { send(block, block.size); });
      staged.bytes_per_second = rate(block.size, [&] {
        std::memcpy(block.data(), blocks.from.data(), block.size);
        send(block, block.size);
      });
    }
  }
  for (CopyRate* copy : {&pageable, &pinned, &staged}) rates.push_back(std::move(*copy));
}

// Per GiB, from blocks of `bytes`. Giving the memory back is not counted.
double allocation(std::size_t bytes, const Allocator& allocate) {
  const double seconds = median_seconds([&] {
    Buffer buffer;
    return seconds_of([&] { buffer = touched(allocate(bytes)); });
  });
  return seconds * gib / static_cast<double>(bytes);
}

}  // namespace

MemoryRates measure_memory(std::size_t bytes) {
  MemoryRates rates{.block_bytes = bytes};
  const std::size_t most = pin_limit() / page_bytes() * page_bytes();
  {
    const Blocks blocks(bytes, std::min(bytes, most));
    rates.pinned_block_bytes = blocks.pinned ? blocks.pinned->size : 0;
    host_copies(rates.copies, blocks);
    device_copies(rates.copies, blocks);
  }  // what was locked is free again for the measurement below
  AllocationTimes& times = rates.allocate_seconds_per_gib;
  times.pageable = allocation(bytes, allocate_pageable);
  if (rates.pinned_block_bytes > 0) {
    times.pinned = allocation(rates.pinned_block_bytes, allocate_pinned);
  }
  const Pool pool = pooled(allocate_pageable, {.keep_bytes = 2 * bytes});
  pool.allocate(bytes);  // the one request that is not served from the pool
  times.pooled = allocation(bytes, pool.allocate);
  rates.pool = pool.stats();
  return rates;
}

}  // namespace pinfeed

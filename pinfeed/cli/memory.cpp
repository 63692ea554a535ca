// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pinfeed/cli/command.h"
#include "pinfeed/core/json_text.h"
#include "pinfeed/memory/device.h"
#include "pinfeed/memory/host_memory.h"
#include "pinfeed/memory/measure.h"

namespace pinfeed::cli {
namespace {

// A large batch; less where memory is scarce.
std::size_t block_bytes() { return std::min(std::size_t{64} << 20U, ram_bytes() / 64); }

std::string json_of(const std::optional<double>& number) {
  return number ? json_number(*number) : "null";
}

std::string json_of(const PoolStats& pool) {
  return fmt::format(
      R"({{"limit_bytes": {}, "used_bytes": {}, "kept_bytes": {}, "hits": {}, "misses": {}}})",
      pin_limit(), pool.used_bytes, pool.kept_bytes, pool.hits, pool.misses);
}

std::string json_of(const std::vector<CopyRate>& copies) {
  std::string json;
  for (const CopyRate& copy : copies) {
    json += fmt::format("{}{}: {}", json.empty() ? "" : ", ", json_string(copy.name),
                        json_of(copy.bytes_per_second));
  }
  return "{" + json + "}";
}

std::string json_of(const AllocationTimes& times) {
  return fmt::format(R"({{"pageable": {}, "pinned": {}, "pooled": {}}})", json_of(times.pageable),
                     json_of(times.pinned), json_of(times.pooled));
}

std::string json_of(const MemoryRates& rates) {
  return fmt::format(
      R"({{"backend": {}, "device": {}, "ram_bytes": {}, "lockable_bytes": {}, "page_bytes": {}, )"
      R"("huge_page_bytes": {}, "pool": {}, "rates": {}, "allocate_seconds_per_gib": {}}})",
      json_string(backend()), json_string(device_description()), ram_bytes(), lockable_bytes(),
      page_bytes(), huge_page_bytes(), json_of(rates.pool), json_of(rates.copies),
      json_of(rates.allocate_seconds_per_gib));
}

// "8 MiB", "23.5 GiB": three digits at most.
std::string size_text(std::size_t bytes) {
  static constexpr std::array units = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; size >= 1024.0 && unit + 1 < units.size(); ++unit) size /= 1024.0;
  return fmt::format("{:.3g} {}", size, units[unit]);
}

std::string lockable_text() {
  if (lockable_bytes() == ram_bytes()) return "all of it may be locked";
  return size_text(lockable_bytes()) + " may be locked (RLIMIT_MEMLOCK, 'ulimit -l')";
}

void print_machine() {
  print(fmt::format("memory   {}; {}", size_text(ram_bytes()), lockable_text()));
  print(fmt::format("pinning  up to {}: a quarter of the memory, within what may be locked",
                    size_text(pin_limit())));
  const std::size_t huge = huge_page_bytes();
  print(fmt::format("pages    {}, huge pages {}", size_text(page_bytes()),
                    huge == 0 ? "none" : size_text(huge)));
  print(fmt::format("device   {}", device_description()));
}

void print_rates(const MemoryRates& rates) {
  print(fmt::format("\ncopies of {}, GB/s", size_text(rates.block_bytes)));
  for (const CopyRate& copy : rates.copies) {
    const std::string rate =
        copy.bytes_per_second ? fmt::format("{:.2f}", *copy.bytes_per_second / 1e9) : "not here";
    print(fmt::format("  {:>8}  {}", rate, copy.meaning));
  }
  print("\nmaking memory ready for use, seconds per GiB");
  const AllocationTimes& times = rates.allocate_seconds_per_gib;
  const auto line = [](const std::optional<double>& time, const char* meaning) {
    const std::string text = time ? fmt::format("{:.4f}", *time) : "not here";
    print(fmt::format("  {:>8}  {}", text, meaning));
  };
  line(times.pageable, "pageable: the system clears each page at its first use");
  line(times.pinned, "pinned: locked into memory, so that a device may read it at any time");
  line(times.pooled, "pooled: memory that was used before and kept");
}

std::optional<double> rate_of(const MemoryRates& rates, const std::string& name) {
  for (const CopyRate& copy : rates.copies) {
    if (copy.name == name) return copy.bytes_per_second;
  }
  return std::nullopt;
}

// What the numbers mean for a loader, said with this machine's numbers.
void print_meaning(const MemoryRates& rates) {
  const double fresh = rate_of(rates, "pageable_to_fresh").value();
  const double warm = rate_of(rates, "pageable_to_pageable").value();
  print("");
  print(
      fmt::format("A batch written to memory that was just allocated takes {:.1f} times as long as",
                  warm / fresh));
  print(
      "one written to memory that is used again: pinfeed allocates its seats once and keeps them.");
  if (backend() == "host") {
    print(
        "There is no device here: batches stay in pageable memory, locking it would gain nothing.");
    print("'The device' above is host memory filled by a copy thread, as the tests use it.");
    return;
  }
  const auto pinned = rate_of(rates, "pinned_to_device");
  const auto staged = rate_of(rates, "staged_to_device");
  if (!pinned || !staged) return print("Nothing can be sent to a device: see the lines above.");
  print(fmt::format(
      "Copying a batch into pinned memory and then to the device takes {:.1f} times as long",
      *pinned / *staged));
  print(
      "as sending it from there: pinfeed renders into pinned memory, and the host goes on "
      "meanwhile.");
}

void run(bool json) {
  const MemoryRates rates = measure_memory(block_bytes());
  if (json) return print(json_of(rates));
  print_machine();
  print_rates(rates);
  print_meaning(rates);
}

}  // namespace

void add_memory(CLI::App& app) {
  auto json = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand(
      "memory", "pageable, pinned and device memory: sizes and measured copy rates");
  command->add_flag("--json", *json, "one JSON object for scripts");
  command->callback([json] { run(*json); });
}

}  // namespace pinfeed::cli

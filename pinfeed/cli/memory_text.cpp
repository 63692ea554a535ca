// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/memory_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "pinfeed/memory/device.h"
#include "pinfeed/memory/host_memory.h"

namespace pinfeed::cli {
namespace {

std::optional<double> rate_of(const MemoryRates& rates, std::string_view name) {
  for (const CopyRate& copy : rates.copies) {
    if (copy.name == name) return copy.bytes_per_second;
  }
  return std::nullopt;
}

std::string gigabytes(std::optional<double> rate) {
  return rate ? fmt::format("{:.2f}", *rate / 1e9) : "-";
}

// Without CUDA the device is host memory: there is no link whose limit a copy could reach.
bool is_host() { return backend() == "host"; }

bool uses_link(const CopyRate& copy) {
  return !is_host() && copy.name.find("device") != std::string::npos &&
         copy.bytes_per_second.has_value();
}

// The percentage of the fastest copy over the link to the device, which is taken as its limit.
std::string share(const MemoryRates& rates, const CopyRate& copy) {
  if (!uses_link(copy)) return "";
  double limit = 0.0;
  for (const CopyRate& one : rates.copies) {
    if (uses_link(one)) limit = std::max(limit, *one.bytes_per_second);
  }
  return fmt::format("{:.0f} %", 100 * *copy.bytes_per_second / limit);
}

std::string batch_time(const MemoryReport& report, const CopyRate& copy) {
  if (!report.batch_bytes || !copy.bytes_per_second) return "";
  return fmt::format("{:.2f}",
                     1e3 * static_cast<double>(*report.batch_bytes) / *copy.bytes_per_second);
}

std::string lockable_text() {
  if (lockable_bytes() == ram_bytes()) return "this process can lock all of it";
  return fmt::format("this process can lock {} (RLIMIT_MEMLOCK; 'ulimit -l' raises it)",
                     size_text(lockable_bytes()));
}

// Why the copies from and to pinned memory were measured with smaller blocks, or not at all.
std::string about_pinned_blocks(const MemoryRates& rates) {
  const std::string size = rates.pinned_block_bytes == 0
                               ? "pinned memory was not measured"
                               : fmt::format("blocks of pinned memory have only {}",
                                             size_text(rates.pinned_block_bytes));
  return size + ": " + lockable_text() + "\n";
}

std::string seconds_text(std::optional<double> seconds) {
  return seconds ? fmt::format("{:.3g} s", *seconds) : "not possible here";
}

std::string about_ram() {
  const std::size_t huge = huge_page_bytes();
  return fmt::format(
      "RAM        This process can use {}. The system assigns it in pages of {}{}.\n",
      size_text(ram_bytes()), size_text(page_bytes()),
      huge == 0 ? "" : ", or of " + size_text(huge) + " if available");
}

std::string about_pageable(const MemoryRates& rates) {
  const double fresh = rate_of(rates, "pageable_to_fresh").value();
  const double warm = rate_of(rates, "pageable_to_pageable").value();
  return fmt::format(
      "Pageable   memory is what a program allocates by default. The system can move it or write\n"
      "           it to disk at any time. The first use of 1 GiB takes {}, because the system\n"
      "           clears each page. Writing a batch to new memory takes {:.1f} times as long as "
      "to\n"
      "           memory that was used before, so pinfeed allocates its batch slots once.\n",
      seconds_text(rates.allocate_seconds_per_gib.pageable), warm / fresh);
}

std::string about_pinned(const MemoryRates& rates) {
  return fmt::format(
      "Pinned     or page-locked memory is never moved, so that a device can read it directly.\n"
      "           Locking 1 GiB takes {}. Locked memory is not available to other programs:\n"
      "           {}; pinfeed pins at most {}.\n",
      seconds_text(rates.allocate_seconds_per_gib.pinned), lockable_text(), size_text(pin_limit()));
}

std::string about_device() {
  return fmt::format(
      "Device     memory is on the accelerator: {}.\n{}", device_description(),
      is_host()
          ? "           No CUDA device is used here: 'the device' is host memory, which a copy\n"
            "           thread fills, as in the tests. On the CPU a batch is used where it was\n"
            "           rendered; nothing is copied, and nothing needs to be locked.\n"
          : "");
}

// The figures of the host back end are no evidence for what is true of a device.
std::string about_routes_of_host(const MemoryRates& rates) {
  return fmt::format(
      "Two routes lead to a device, and the figures above cannot show their difference. To an\n"
      "           accelerator, pageable memory is first copied to a pinned staging buffer and "
      "from\n"
      "           there to the device, while pinned memory is read by the device itself (DMA). "
      "Here\n"
      "           every copy is one by the CPU, whatever the kind of memory: {} GB/s from\n"
      "           pageable and {} GB/s from pinned memory differ by the work of the copy thread\n"
      "           and by chance, and either may be larger. Measure on the machine with the "
      "device.\n",
      gigabytes(rate_of(rates, "pageable_to_device")),
      gigabytes(rate_of(rates, "pinned_to_device")));
}

std::string about_routes(const MemoryRates& rates) {
  if (is_host()) return about_routes_of_host(rates);
  return fmt::format(
      "Two routes lead to the device. Pageable memory is first copied to a pinned staging buffer\n"
      "           and from there to the device: {} GB/s by the driver, {} GB/s by pinfeed's two\n"
      "           staging buffers. Pinned memory is read by the device itself (DMA): {} GB/s.\n"
      "           pinfeed renders batches into pinned memory, which avoids the first copy.\n",
      gigabytes(rate_of(rates, "pageable_to_device")),
      gigabytes(rate_of(rates, "staged_to_device")), gigabytes(rate_of(rates, "pinned_to_device")));
}

std::string about_overlap(const MemoryRates& rates) {
  std::string text =
      "Overlap    A copy can run in parallel to computation only from pinned memory: the device\n"
      "           reads the bytes at a later time, and only pinned memory is guaranteed to be in\n"
      "           the same place then.";
  if (!rates.overlap) return text + "\n";
  const Overlap& overlap = *rates.overlap;
  return text + fmt::format(
                    " Here a copy of {:.1f} ms and a kernel of {:.1f} ms take {:.1f} ms\n"
                    "           together: {:.0f} % of the shorter one is hidden.{}\n",
                    1e3 * overlap.copy_seconds, 1e3 * overlap.kernel_seconds,
                    1e3 * overlap.together_seconds, 100 * overlap.hidden(),
                    is_host() ? " Both run on the CPU:\n"
                                "           this shows that they can overlap, not how fast an "
                                "accelerator is."
                              : "");
}

}  // namespace

std::string size_text(std::size_t bytes) {
  static constexpr std::array units = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; size >= 1024.0 && unit + 1 < units.size(); ++unit) size /= 1024.0;
  return fmt::format("{:.3g} {}", size, units[unit]);
}

std::string rates_table(const MemoryReport& report) {
  const MemoryRates& rates = report.rates;
  std::string table =
      fmt::format("{:>8} {:>8} {:>9}  copies of {}{}\n", "GB/s", is_host() ? "" : "of link",
                  report.batch_bytes ? "ms/batch" : "", size_text(rates.block_bytes),
                  report.batch_bytes ? ", a batch is " + size_text(*report.batch_bytes) : "");
  for (const CopyRate& copy : rates.copies) {
    table += fmt::format("{:>8} {:>8} {:>9}  {}\n", gigabytes(copy.bytes_per_second),
                         share(rates, copy), batch_time(report, copy), copy.meaning);
  }
  if (rates.pinned_block_bytes < rates.block_bytes) table += about_pinned_blocks(rates);
  const AllocationTimes& times = rates.allocate_seconds_per_gib;
  table += "\ntime until 1 GiB can be written at full speed\n";
  const std::array<std::pair<std::optional<double>, const char*>, 3> rows = {
      {{times.pageable, "pageable"}, {times.pinned, "pinned"}, {times.pooled, "from a pool"}}};
  for (const auto& [time, name] : rows) {
    table += fmt::format("{:>18}  {}\n", name, seconds_text(time));
  }
  return table;
}

std::string explanation(const MemoryReport& report) {
  const MemoryRates& rates = report.rates;
  return about_ram() + about_pageable(rates) + about_pinned(rates) + about_device() +
         about_routes(rates) + about_overlap(rates);
}

BarChart rates_chart(const MemoryReport& report) {
  BarChart chart{
      .title = "Copies of " + size_text(report.rates.block_bytes) + ", " + device_description(),
      .x_title = "GB/s"};
  for (const CopyRate& copy : report.rates.copies) {
    const double rate =
        copy.bytes_per_second.value_or(std::numeric_limits<double>::quiet_NaN()) / 1e9;
    std::string text =
        copy.bytes_per_second ? gigabytes(copy.bytes_per_second) : "not possible here";
    if (const std::string time = batch_time(report, copy); !time.empty()) {
      text += ", " + time + " ms per batch";
    }
    chart.bars.push_back({copy.meaning, rate, std::move(text)});
  }
  return chart;
}

}  // namespace pinfeed::cli

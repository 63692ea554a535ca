// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "pinfeed/memory/measure.h"
#include "pinfeed/plot/plot_bars.h"

namespace pinfeed::cli {

/// The measurement of `pinfeed memory`.
struct MemoryReport {
  MemoryRates rates = {};
  std::optional<std::size_t> batch_bytes = {};  // of the first batch of a config, if one is given
};

/// "8 MiB", "23.5 GiB": at most three digits.
std::string size_text(std::size_t bytes);

/// A table of copies: GB/s, percentage of the fastest copy to or from the device, ms per batch.
std::string rates_table(const MemoryReport& report);

/// An explanation of RAM, pageable, pinned and device memory, with the numbers of this machine.
std::string explanation(const MemoryReport& report);

/// The table as a bar chart.
BarChart rates_chart(const MemoryReport& report);

/// One JSON object on one line. Its keys must not change: scripts read them.
std::string json_of(const MemoryReport& report);

}  // namespace pinfeed::cli

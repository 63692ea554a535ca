// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "pinfeed/memory/measure.h"
#include "pinfeed/plot/plot_bars.h"

namespace pinfeed::cli {

/// What `pinfeed memory` measured, and the batch that is to be moved.
struct MemoryReport {
  MemoryRates rates = {};
  std::optional<std::size_t> batch_bytes = {};  // of the config's first batch, where one was given
};

/// "8 MiB", "23.5 GiB": three digits at most.
std::string size_text(std::size_t bytes);

/// The ways of the bytes: GB/s, the share of the fastest way to the device, ms per batch.
std::string rates_table(const MemoryReport& report);

/// What memory is, from the RAM one buys to the copy that costs nothing, with this machine's
/// numbers.
std::string explanation(const MemoryReport& report);

/// The table as an image.
BarChart rates_chart(const MemoryReport& report);

/// One JSON object on one line (house 10).
std::string json_of(const MemoryReport& report);

}  // namespace pinfeed::cli

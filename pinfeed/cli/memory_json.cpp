// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "pinfeed/cli/memory_text.h"
#include "pinfeed/core/json_text.h"
#include "pinfeed/memory/device.h"
#include "pinfeed/memory/host_memory.h"

namespace pinfeed::cli {
namespace {

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

std::string json_of(const std::optional<Overlap>& overlap) {
  if (!overlap) return "null";
  return fmt::format(
      R"({{"copy_seconds": {}, "kernel_seconds": {}, "together_seconds": {}, "hidden": {}}})",
      json_number(overlap->copy_seconds), json_number(overlap->kernel_seconds),
      json_number(overlap->together_seconds), json_number(overlap->hidden()));
}

}  // namespace

std::string json_of(const MemoryReport& report) {
  const MemoryRates& rates = report.rates;
  const std::string batch =
      report.batch_bytes ? fmt::format(R"(, "batch_bytes": {})", *report.batch_bytes) : "";
  return fmt::format(
      R"({{"backend": {}, "device": {}, "ram_bytes": {}, "lockable_bytes": {}, "page_bytes": {}, )"
      R"("huge_page_bytes": {}, "pool": {}, "rates": {}, "allocate_seconds_per_gib": {}, )"
      R"("overlap": {}{}}})",
      json_string(backend()), json_string(device_description()), ram_bytes(), lockable_bytes(),
      page_bytes(), huge_page_bytes(), json_of(rates.pool), json_of(rates.copies),
      json_of(rates.allocate_seconds_per_gib), json_of(rates.overlap), batch);
}

}  // namespace pinfeed::cli

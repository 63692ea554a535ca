// SPDX-License-Identifier: Apache-2.0
// What is known about the machine and about the parts that configs can name.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <algorithm>
#include <optional>

#include "pinfeed/data/loader/builtin_catalogs.h"
#include "pinfeed/inspect/part_groups.h"
#include "pinfeed/memory/device.h"
#include "pinfeed/memory/host_memory.h"
#include "pinfeed/memory/measure.h"
#include "pinfeed/python/bindings.h"

namespace pinfeed::python {
namespace {

MemoryRates measured() {
  const nb::gil_scoped_release released;
  return measure_memory(std::min(std::size_t{64} << 20U, ram_bytes() / 64));
}

// The keys of `pinfeed memory --json`.
nb::dict memory_report() {
  const MemoryRates rates = measured();
  nb::dict copies;
  for (const CopyRate& copy : rates.copies) copies[copy.name.c_str()] = copy.bytes_per_second;
  nb::dict allocation;
  allocation["pageable"] = rates.allocate_seconds_per_gib.pageable;
  allocation["pinned"] = rates.allocate_seconds_per_gib.pinned;
  allocation["pooled"] = rates.allocate_seconds_per_gib.pooled;
  nb::dict report;
  report["backend"] = backend();
  report["device"] = device_description();
  report["ram_bytes"] = ram_bytes();
  report["lockable_bytes"] = lockable_bytes();
  report["page_bytes"] = page_bytes();
  report["huge_page_bytes"] = huge_page_bytes();
  report["rates"] = copies;
  report["allocate_seconds_per_gib"] = allocation;
  return report;
}

const char* name_of(KeyUse use) {
  switch (use) {
    case KeyUse::used: return "used";
    case KeyUse::accepted: return "accepted";
    case KeyUse::refused: break;
  }
  return "refused";
}

nb::dict keys_of(const PartDoc& part) {
  nb::dict keys;
  for (const KeyDoc& key : part.keys) {
    nb::dict doc;
    doc["type"] = key.type;
    doc["default"] = key.default_text;
    doc["meaning"] = key.meaning;
    doc["use"] = name_of(key.use);
    keys[key.name.c_str()] = doc;
  }
  return keys;
}

nb::dict list_parts() {
  nb::dict groups;
  for (const PartGroup& group : all_part_groups(builtin())) {
    nb::dict parts;
    for (const PartDoc& part : group.parts) {
      nb::dict doc;
      doc["summary"] = part.summary;
      doc["keys"] = keys_of(part);
      parts[part.name.c_str()] = doc;
    }
    groups[group.kind.c_str()] = parts;
  }
  return groups;
}

}  // namespace

void bind_reports(nb::module_& module) {
  module.def("memory_report", &memory_report);
  module.def("list_parts", &list_parts);
}

}  // namespace pinfeed::python

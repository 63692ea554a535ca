// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/formats/safetensors_header.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <new>
#include <set>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

namespace dom = simdjson::dom;

// As the format says: a header beyond this is an attack or not a header.
constexpr std::size_t most_header_bytes = 100'000'000;

Error broken(const std::string& what) {
  return {ErrorKind::data, "broken safetensors header: " + what};
}

Error broken(const SafetensorsEntry& entry, const std::string& what) {
  return {ErrorKind::data, fmt::format("tensor '{}' {}", entry.name, what)};
}

DType dtype_of(const SafetensorsEntry& entry, const dom::object& fields) {
  std::string_view name;
  if (fields["dtype"].get(name) != simdjson::SUCCESS) throw broken(entry, "has no dtype");
  if (const auto dtype = safetensors_dtype(name)) return *dtype;
  throw broken(entry, fmt::format("has dtype {}, which pinfeed does not support", name))
      .help("pinfeed reads BOOL, I8 to I64, U8 to U64, F16, BF16, F32, F64, C64, F8_E4M3, F8_E5M2");
}

Shape shape_of(const SafetensorsEntry& entry, const dom::object& fields) {
  dom::array sizes;
  if (fields["shape"].get(sizes) != simdjson::SUCCESS) throw broken(entry, "has no shape");
  if (sizes.size() > static_cast<std::size_t>(Shape::max_rank)) {
    throw broken(entry, fmt::format("has {} dimensions; pinfeed supports at most 8", sizes.size()));
  }
  Shape shape;
  for (const dom::element size : sizes) {
    std::int64_t number = 0;
    if (size.get(number) != simdjson::SUCCESS || number < 0) {
      throw broken(entry, "has a shape with " + simdjson::minify(size));
    }
    shape.push_back(number);
  }
  return shape;
}

// Bytes that shape and dtype need; an error where they do not fit into 63 bits.
std::size_t bytes_of(const SafetensorsEntry& entry) {
  std::int64_t bytes = static_cast<std::int64_t>(size_of(entry.dtype));
  const bool nothing = std::find(entry.shape.begin(), entry.shape.end(), 0) != entry.shape.end();
  for (const std::int64_t size : entry.shape) {
    if (!nothing && __builtin_mul_overflow(bytes, size, &bytes)) {
      throw broken(entry, "has shape " + to_string(entry.shape) + ", more than memory can hold");
    }
  }
  return nothing ? 0 : static_cast<std::size_t>(bytes);
}

void read_offsets(SafetensorsEntry& entry, const dom::object& fields, std::size_t data_bytes) {
  dom::array offsets;
  const bool there =
      fields["data_offsets"].get(offsets) == simdjson::SUCCESS && offsets.size() == 2;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  if (!there || offsets.at(0).get(begin) != simdjson::SUCCESS ||
      offsets.at(1).get(end) != simdjson::SUCCESS || begin > end) {
    throw broken(entry, "has no data_offsets [begin, end]");
  }
  if (end > data_bytes) {
    throw broken(entry, fmt::format("ends at byte {} of the data, the file has {}: it is cut short",
                                    end, data_bytes));
  }
  const std::size_t needed = bytes_of(entry);
  if (end - begin != needed) {
    throw broken(entry, fmt::format("has {} bytes; {} of {} needs {}", end - begin,
                                    to_string(entry.shape), name_of(entry.dtype), needed));
  }
  entry.begin = begin;
  entry.end = end;
}

SafetensorsEntry entry_of(std::string_view name, const dom::element& value,
                          std::size_t data_bytes) {
  SafetensorsEntry entry{.name = std::string(name)};
  dom::object fields;
  if (value.get(fields) != simdjson::SUCCESS) throw broken(entry, "is not described by an object");
  entry.dtype = dtype_of(entry, fields);
  entry.shape = shape_of(entry, fields);
  read_offsets(entry, fields, data_bytes);
  return entry;
}

std::vector<std::pair<std::string, std::string>> metadata_of(const dom::element& value) {
  dom::object fields;
  if (value.get(fields) != simdjson::SUCCESS) throw broken("__metadata__ is not an object");
  std::vector<std::pair<std::string, std::string>> metadata;
  for (const dom::key_value_pair field : fields) {
    std::string_view text;
    if (field.value.get(text) != simdjson::SUCCESS) {
      throw broken(fmt::format("__metadata__ of '{}' is not a text", field.key));
    }
    metadata.emplace_back(field.key, text);
  }
  return metadata;
}

// The bytes belong to one tensor each, from the first to the last.
void check_bytes(const std::vector<SafetensorsEntry>& entries, std::size_t data_bytes) {
  std::vector<const SafetensorsEntry*> order;
  order.reserve(entries.size());
  for (const SafetensorsEntry& entry : entries) order.push_back(&entry);
  std::sort(order.begin(), order.end(), [](const SafetensorsEntry* a, const SafetensorsEntry* b) {
    return std::pair(a->begin, a->end) < std::pair(b->begin, b->end);
  });
  std::size_t end = 0;
  const SafetensorsEntry* before = nullptr;
  for (const SafetensorsEntry* entry : order) {
    if (entry->begin < end) {
      throw broken(*entry, fmt::format("starts at byte {}, inside '{}', which ends at {}",
                                       entry->begin, before->name, end));
    }
    if (entry->begin > end) {
      throw broken(*entry,
                   fmt::format("starts at byte {}; the bytes from {} on belong to no tensor",
                               entry->begin, end));
    }
    end = entry->end;
    before = entry;
  }
  if (end != data_bytes) {
    throw broken(fmt::format("the last tensor ends at byte {} of {}", end, data_bytes));
  }
}

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view text, std::size_t data_bytes) {
  if (text.size() > most_header_bytes) {
    throw broken(fmt::format("it has {} bytes, at most 100000000 are allowed", text.size()));
  }
  dom::parser parser;
  dom::element root;
  const simdjson::error_code failed = parser.parse(text.data(), text.size()).get(root);
  if (failed == simdjson::MEMALLOC) throw std::bad_alloc();
  if (failed != simdjson::SUCCESS) {
    throw broken("it is not JSON");
  }
  dom::object fields;
  if (root.get(fields) != simdjson::SUCCESS) throw broken("it is not an object");
  SafetensorsHeader header;
  std::set<std::string_view> seen;
  for (const dom::key_value_pair field : fields) {
    if (!seen.insert(field.key).second) throw broken(fmt::format("'{}' is there twice", field.key));
    if (field.key == "__metadata__") {
      header.metadata = metadata_of(field.value);
    } else {
      header.entries.push_back(entry_of(field.key, field.value, data_bytes));
    }
  }
  check_bytes(header.entries, data_bytes);
  return header;
}

}  // namespace pinfeed

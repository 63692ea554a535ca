// SPDX-License-Identifier: Apache-2.0
// Source of the rules: the safetensors format, version 0.4: 8 bytes with the header's length
// (little endian), the header in JSON, then the bytes of all tensors without gaps.
#include "pinfeed/formats/safetensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <set>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/core/json_text.h"
#include "pinfeed/formats/safetensors_checksum.h"
#include "pinfeed/formats/safetensors_header.h"

namespace pinfeed {
namespace {

constexpr std::size_t length_bytes = 8;
constexpr std::size_t alignment = 8;

struct DTypeName {
  DType dtype;
  const char* name;
};
constexpr std::array names = {DTypeName{DType::boolean, "BOOL"},
                              DTypeName{DType::uint8, "U8"},
                              DTypeName{DType::int16, "I16"},
                              DTypeName{DType::int32, "I32"},
                              DTypeName{DType::int64, "I64"},
                              DTypeName{DType::float16, "F16"},
                              DTypeName{DType::bfloat16, "BF16"},
                              DTypeName{DType::float32, "F32"},
                              DTypeName{DType::float64, "F64"},
                              DTypeName{DType::int8, "I8"},
                              DTypeName{DType::uint16, "U16"},
                              DTypeName{DType::uint32, "U32"},
                              DTypeName{DType::uint64, "U64"},
                              DTypeName{DType::complex64, "C64"},
                              DTypeName{DType::float8_e4m3fn, "F8_E4M3"},
                              DTypeName{DType::float8_e5m2, "F8_E5M2"}};

constexpr std::string_view no_name = "";  // complex128 is not part of the format

void require_writable(const SafetensorsFile& file) {
  std::set<std::string_view> seen = {"__metadata__"};
  for (const auto& [name, tensor] : file.tensors) {
    if (safetensors_name(tensor.dtype) == no_name) {
      throw Error(ErrorKind::data,
                  fmt::format("a safetensors file cannot have '{}', a tensor of {}", name,
                              name_of(tensor.dtype)));
    }
    if (!seen.insert(name).second) {
      throw Error(ErrorKind::data,
                  fmt::format("a safetensors file has one tensor named '{}'", name));
    }
  }
}

// Indices of file.tensors, wide elements first: the order of the bytes in the file.
std::vector<std::size_t> order_of_bytes(const SafetensorsFile& file) {
  std::vector<std::size_t> order(file.tensors.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&file](std::size_t a, std::size_t b) {
    return size_of(file.tensors[a].second.dtype) > size_of(file.tensors[b].second.dtype);
  });
  return order;
}

std::vector<std::size_t> starts_of(const SafetensorsFile& file,
                                   const std::vector<std::size_t>& order) {
  std::vector<std::size_t> starts(order.size());
  std::size_t at = 0;
  for (const std::size_t i : order) {
    starts[i] = at;
    at += file.tensors[i].second.bytes();
  }
  return starts;
}

std::string metadata_json(const SafetensorsFile& file) {
  std::string json;
  if (file.checksum) json = fmt::format("\"{}\":\"{}\"", checksum_key, zero_checksum());
  for (const auto& [key, text] : file.metadata) {
    json += fmt::format("{}{}:{}", json.empty() ? "" : ",", json_string(key), json_string(text));
  }
  return json.empty() ? "" : "\"__metadata__\":{" + json + "}";
}

std::string json_of(const Tensor& tensor, std::size_t start) {
  return fmt::format(R"({{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})",
                     safetensors_name(tensor.dtype), fmt::join(tensor.shape, ","), start,
                     start + tensor.bytes());
}

// The header, padded with blanks so that the tensors are aligned.
std::string header_of(const SafetensorsFile& file, const std::vector<std::size_t>& starts) {
  std::string json = metadata_json(file);
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const auto& [name, tensor] = file.tensors[i];
    json += fmt::format("{}{}:{}", json.empty() ? "" : ",", json_string(name),
                        json_of(tensor, starts[i]));
  }
  json = "{" + json + "}";
  json.resize((json.size() + alignment - 1) / alignment * alignment, ' ');
  return json;
}

std::array<std::byte, length_bytes> little_endian(std::uint64_t number) {
  std::array<std::byte, length_bytes> bytes = {};
  for (std::byte& byte : bytes) {
    byte = static_cast<std::byte>(number & 0xFFU);
    number >>= 8U;
  }
  return bytes;
}

std::uint64_t from_little_endian(const std::byte* bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = length_bytes; i-- > 0;) {
    number = number << 8U | std::to_integer<std::uint64_t>(bytes[i]);
  }
  return number;
}

// The header's JSON text, its length checked against the file.
std::string_view header_in(const Buffer& file) {
  if (file.size < length_bytes) {
    throw Error(
        ErrorKind::data,
        fmt::format("not a safetensors file: it has {} bytes, the length of the header alone "
                    "takes 8",
                    file.size));
  }
  const std::uint64_t length = from_little_endian(file.data());
  if (length > file.size - length_bytes) {
    throw Error(
        ErrorKind::data,
        fmt::format("not a safetensors file, or cut short: its header should have {} bytes, "
                    "the file has {}",
                    length, file.size));
  }
  return {reinterpret_cast<const char*>(file.data()) + length_bytes, length};
}

std::span<const std::byte> span_of(const Tensor& tensor) { return {tensor.data(), tensor.bytes()}; }

// Sets the digits of the checksum in the header of a file that will be written.
void set_checksum(std::string& header, const SafetensorsFile& file,
                  const std::vector<std::size_t>& order) {
  SafetensorsChecksum checksum;
  checksum.add(little_endian(header.size()));
  checksum.add(header);
  for (const std::size_t i : order) checksum.add(span_of(contiguous(file.tensors[i].second)));
  const std::string digits = checksum.digits();
  header.replace(checksum_position(header), digits.size(), digits);
}

// Adds the bytes from `start` to the end, part by part: reading them is faster than the mapping, of
// which each page is mapped on its first access.
void add_rest(SafetensorsChecksum& checksum, const MappedFile& file, std::size_t start) {
  constexpr std::size_t part_bytes = std::size_t{256} << 10U;
  const Buffer part = allocate_pageable(part_bytes);
  const Buffer& all = file.bytes();
  for (std::size_t at = start; at < all.size; at += part_bytes) {
    const std::span<std::byte> bytes(part.data(), std::min(part_bytes, all.size - at));
    file.read(all.data() + at, bytes);
    checksum.add(std::span<const std::byte>(bytes));
  }
}

// Throws unless the file has the checksum that its header names.
void verify_checksum(const MappedFile& file, std::string_view header, const std::string& digits) {
  SafetensorsChecksum checksum;
  const std::size_t at = checksum_position(header);
  if (at != std::string_view::npos) {
    checksum.add({file.bytes().data(), length_bytes});
    checksum.add(header.substr(0, at));
    checksum.add(zero_checksum());
    checksum.add(header.substr(at + zero_checksum().size()));
    add_rest(checksum, file, length_bytes + header.size());
    if (checksum.digits() == digits) return;
  }
  throw Error(ErrorKind::data, "the checksum is wrong: the file is damaged")
      .help(
          fmt::format("if another program has changed it on purpose, remove '{}' from its metadata",
                      checksum_key));
}

// Removes the checksum from the metadata. No value if there is none.
std::optional<std::string> taken_checksum(SafetensorsHeader& header) {
  auto& metadata = header.metadata;
  const auto found = std::find_if(metadata.begin(), metadata.end(),
                                  [](const auto& entry) { return entry.first == checksum_key; });
  if (found == metadata.end()) return std::nullopt;
  std::string digits = found->second;
  metadata.erase(found);
  return digits;
}

// A view of the file; a copy where another writer left the elements unaligned.
Tensor tensor_at(const Buffer& file, std::size_t offset, const SafetensorsEntry& entry) {
  Tensor tensor{entry.dtype, entry.shape, contiguous_strides(entry.shape), file, offset};
  if (offset % size_of(entry.dtype) == 0) return tensor;
  Tensor copy = Tensor::empty(entry.dtype, entry.shape);
  std::memcpy(copy.data(), tensor.data(), tensor.bytes());
  return copy;
}

SafetensorsFile content_of(const MappedFile& mapped, Verify verify) {
  const Buffer& file = mapped.bytes();
  const std::string_view text = header_in(file);
  const std::size_t start = length_bytes + text.size();
  SafetensorsHeader header = parse_safetensors_header(text, file.size - start);
  const std::optional<std::string> digits = taken_checksum(header);
  if (digits && verify == Verify::checksum) verify_checksum(mapped, text, *digits);
  SafetensorsFile result{.metadata = std::move(header.metadata), .checksum = digits.has_value()};
  for (const SafetensorsEntry& entry : header.entries) {
    result.tensors.emplace_back(entry.name, tensor_at(file, start + entry.begin, entry));
  }
  return result;
}

}  // namespace

const Tensor* SafetensorsFile::find(const std::string& name) const {
  for (const auto& [other, tensor] : tensors) {
    if (other == name) return &tensor;
  }
  return nullptr;
}

std::string safetensors_name(DType dtype) {
  const auto* found = std::find_if(names.begin(), names.end(),
                                   [dtype](const DTypeName& name) { return name.dtype == dtype; });
  return found == names.end() ? std::string(no_name) : found->name;
}

std::optional<DType> safetensors_dtype(std::string_view name) {
  for (const DTypeName& known : names) {
    if (known.name == name) return known.dtype;
  }
  return std::nullopt;
}

void write_safetensors(const std::string& path, const SafetensorsFile& file,
                       const WriteOptions& options) {
  require_writable(file);
  const std::vector<std::size_t> order = order_of_bytes(file);
  std::string header = header_of(file, starts_of(file, order));
  if (file.checksum) set_checksum(header, file, order);
  const auto content = [&](FileWriter& out) {
    out.write(little_endian(header.size()));
    out.write(header);
    for (const std::size_t i : order) {
      const Tensor tensor = contiguous(file.tensors[i].second);
      out.write(span_of(tensor));
    }
  };
  write_atomically(path, content, options);
}

SafetensorsFile read_safetensors(const std::string& path, Verify verify) {
  return read_safetensors(MappedFile(path, ErrorKind::data), verify);
}

SafetensorsFile read_safetensors(const MappedFile& file, Verify verify) {
  try {
    return content_of(file, verify);
  } catch (Error& error) {
    throw error.with_context(FileContext{file.path()});
  }
}

}  // namespace pinfeed

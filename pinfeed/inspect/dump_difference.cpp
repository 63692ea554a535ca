// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/inspect/dump_difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

#include "pinfeed/config/read_json.h"
#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

std::optional<std::int64_t> parse_index(std::string_view word) {
  std::int64_t number = 0;
  const auto [end, fault] = std::from_chars(word.data(), word.data() + word.size(), number);
  const bool whole = fault == std::errc() && end == word.data() + word.size() && number >= 0;
  return whole ? std::optional(number) : std::nullopt;
}

std::string_view take_word(std::string_view& rest) {
  const std::string_view word = rest.substr(0, rest.find('.'));
  rest.remove_prefix(std::min(rest.size(), word.size() + 1));
  return word;
}

// A parsed name: "3.1.bboxes", "3.inputs.1" (a listed image), "3.inputs" (stacked images), or "3.1"
// (metadata).
struct DumpName {
  std::optional<std::int64_t> batch = {};
  std::optional<std::int64_t> sample = {};
  std::string field = {};
};

DumpName parse_name(std::string_view text) {
  DumpName name;
  name.batch = parse_index(take_word(text));
  const std::string_view second = take_word(text);
  name.sample = parse_index(second);
  if (name.sample) {
    name.field = text;
  } else {
    name.field = second;
    name.sample = parse_index(take_word(text));
  }
  return name;
}

DumpedBatch& batch_of(std::vector<DumpedBatch>& batches, const std::string& name,
                      const std::string& path, std::size_t entries) {
  const std::optional<std::int64_t> batch = parse_name(name).batch;
  const bool possible = batch && *batch < static_cast<std::int64_t>(entries);
  if (!possible) {
    throw Error(ErrorKind::data, fmt::format("{} holds no batches: it has '{}'", path, name))
        .help("`pinfeed batches CONFIG --dump F` writes them");
  }
  const auto index = static_cast<std::size_t>(*batch);
  if (batches.size() <= index) batches.resize(index + 1);
  return batches[index];
}

template <class T>
std::string number_text(const std::byte* element) {
  T value = {};
  std::memcpy(&value, element, sizeof value);
  return fmt::format("{}", value);
}

std::string bits_text(const std::byte* element, std::size_t size) {
  std::string digits;
  for (std::size_t i = size; i-- > 0;) {
    digits += fmt::format("{:02x}", std::to_integer<unsigned>(element[i]));
  }
  return "bits 0x" + digits;
}

std::string value_text(const std::byte* element, DType dtype) {
  switch (dtype) {
    case DType::boolean:
    case DType::uint8: return number_text<std::uint8_t>(element);
    case DType::int16: return number_text<std::int16_t>(element);
    case DType::int32: return number_text<std::int32_t>(element);
    case DType::int64: return number_text<std::int64_t>(element);
    case DType::float32: return number_text<float>(element);
    case DType::float64: return number_text<double>(element);
    default: return bits_text(element, size_of(dtype));
  }
}

Shape index_of(std::int64_t element, const Shape& shape) {
  Shape index = shape;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    index[axis] = element % shape[axis];
    element /= shape[axis];
  }
  return index;
}

// "x 7, y 3, channel 1" of an image, "object 2, y1" of boxes.
std::string index_text(const std::string& field, const Shape& index) {
  constexpr std::array corners = {"x1", "y1", "x2", "y2"};
  const int rank = index.rank();
  if (field == "inputs" && rank >= 3) {
    return fmt::format("x {}, y {}, channel {}", index[rank - 1], index[rank - 2], index[rank - 3]);
  }
  if (field == "masks" && rank == 3) {
    return fmt::format("object {}, x {}, y {}", index[0], index[2], index[1]);
  }
  if (field == "bboxes" && rank == 2 && index[1] < std::ssize(corners)) {
    return fmt::format("object {}, {}", index[0], corners[static_cast<std::size_t>(index[1])]);
  }
  return rank == 1 ? fmt::format("object {}", index[0]) : to_string(index);
}

std::string owner_text(const DumpName& name) {
  return name.sample ? fmt::format("sample {}, {}", *name.sample, name.field) : name.field;
}

struct Unequal {
  std::int64_t first = -1;
  std::int64_t count = 0;
};

Unequal unequal_elements(const Tensor& a, const Tensor& b) {
  const std::size_t size = size_of(a.dtype);
  Unequal found;
  for (std::int64_t i = 0; i < a.elements(); ++i) {
    const std::size_t at = size * static_cast<std::size_t>(i);
    if (std::memcmp(a.data() + at, b.data() + at, size) == 0) continue;
    if (found.count++ == 0) found.first = i;
  }
  return found;
}

std::string value_difference(DumpName name, const Tensor& here, const Tensor& there,
                             const std::string& file) {
  const Unequal unequal = unequal_elements(here, there);
  if (unequal.count == 0) return "";
  const Shape index = index_of(unequal.first, here.shape);
  if (name.field == "inputs" && index.rank() == 4) name.sample = index[0];
  const std::size_t at = size_of(here.dtype) * static_cast<std::size_t>(unequal.first);
  return fmt::format("{} at {}: {} here, {} in {}; {} of {} values differ", owner_text(name),
                     index_text(name.field, index), value_text(here.data() + at, here.dtype),
                     value_text(there.data() + at, there.dtype), file, unequal.count,
                     here.elements());
}

std::string tensor_difference(const std::string& name, const Tensor& here, const Tensor& there,
                              const std::string& file) {
  const std::string owner = owner_text(parse_name(name));
  if (here.dtype != there.dtype) {
    return fmt::format("{}: {} here, {} in {}", owner, name_of(here.dtype), name_of(there.dtype),
                       file);
  }
  if (here.shape != there.shape) {
    return fmt::format("{}: shape {} here, {} in {}", owner, to_string(here.shape),
                       to_string(there.shape), file);
  }
  return value_difference(parse_name(name), contiguous(here), contiguous(there), file);
}

std::string_view file_name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool same_meta(const std::string& key, const Value& a, const Value& b) {
  const bool paths = key == "img_path" && a.is_string() && b.is_string();
  return paths ? file_name_of(a.string()) == file_name_of(b.string()) : a == b;
}

Dict meta_of(const std::string& text, const std::string& name) {
  return read_json(std::make_shared<const SourceText>(SourceText{name, text}));
}

std::string meta_difference(const std::string& name, const std::string& here,
                            const std::string& there, const std::string& file) {
  if (here == there) return "";
  const Dict ours = meta_of(here, name);
  const Dict theirs = meta_of(there, file + ": " + name);
  const std::string sample = fmt::format("sample {}, ", parse_name(name).sample.value_or(0));
  for (const Dict::Entry& entry : ours.entries()) {
    const std::string& key = entry.key.text;
    const Value* other = theirs.find(key);
    if (other == nullptr) return fmt::format("{}{}: not in {}", sample, key, file);
    if (same_meta(key, entry.value, *other)) continue;
    return fmt::format("{}{}: {} here, {} in {}", sample, key, repr(entry.value), repr(*other),
                       file);
  }
  for (const Dict::Entry& entry : theirs.entries()) {
    if (ours.find(entry.key.text) != nullptr) continue;
    return fmt::format("{}{}: only in {}", sample, entry.key.text, file);
  }
  return "";
}

// The first entry of two lists of (name, value) that only one has or that differs.
template <class List, class Differs>
std::string list_difference(const List& here, const List& there, const std::string& file,
                            Differs differs) {
  const auto named = [](const List& list, const std::string& name) {
    return std::find_if(list.begin(), list.end(),
                        [&name](const auto& entry) { return entry.first == name; });
  };
  for (const auto& [name, ours] : here) {
    const auto theirs = named(there, name);
    if (theirs == there.end()) return owner_text(parse_name(name)) + ": not in " + file;
    std::string found = differs(name, ours, theirs->second, file);
    if (!found.empty()) return found;
  }
  for (const auto& [name, theirs] : there) {
    if (named(here, name) == here.end()) return owner_text(parse_name(name)) + ": only in " + file;
  }
  return "";
}

}  // namespace

std::vector<DumpedBatch> read_dump(const std::string& path) {
  const SafetensorsFile file = read_safetensors(path);
  const std::size_t entries = file.tensors.size() + file.metadata.size();
  std::vector<DumpedBatch> batches;
  for (const auto& [name, tensor] : file.tensors) {
    batch_of(batches, name, path, entries).tensors.emplace_back(name, tensor);
  }
  for (const auto& [name, text] : file.metadata) {
    batch_of(batches, name, path, entries).metadata.emplace_back(name, text);
  }
  return batches;
}

std::string first_difference(const DumpedBatch& here, const DumpedBatch& there,
                             const std::string& name) {
  std::string meta = list_difference(here.metadata, there.metadata, name, meta_difference);
  if (!meta.empty()) return meta;
  return list_difference(here.tensors, there.tensors, name, tensor_difference);
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.2, 6.6.
//
// Segmentations stay in the annotation file. They are most of its bytes, and a sample needs only
// those of its own objects, so reading the file stores the byte range of each one and nothing else.
// LoadAnnotations with masks reads the text of a range with pread() on one shared descriptor, which
// needs no lock and no seek position, and parses it into the arena of the sample. The descriptor
// refers to the file that was opened, also when another one is renamed to its path; a file that is
// truncated in place gives a short read, which is an error.
#include "pinfeed/annotations/segmentation.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>

#include <cmath>
#include <limits>
#include <memory_resource>
#include <new>
#include <numeric>
#include <utility>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/core/system_call.h"

namespace pinfeed {
namespace {

namespace json = simdjson::ondemand;

using Numbers = std::pmr::vector<double>;

[[noreturn]] void fail_segmentation(const std::string& what) {
  throw Error(ErrorKind::data, "its segmentation " + what);
}

double coordinate(json::value value) {
  double number = 0.0;
  if (value.get_double().get(number) != simdjson::SUCCESS) {
    fail_segmentation("holds a coordinate that is no number");
  }
  if (std::fabs(number) <= image::outline_reach) return number;
  fail_segmentation(fmt::format("holds the coordinate {:.17g}", number));
}

template <class T>
std::span<const T> in_arena(const std::pmr::vector<T>& values, Arena& arena) {
  auto* copy = static_cast<T*>(arena.allocate(values.size() * sizeof(T), alignof(T)));
  std::uninitialized_copy(values.begin(), values.end(), copy);
  return {copy, values.size()};
}

// The numbers of one polygon. False if one of them is no integer.
template <class Item>
bool read_corners(Item item, Numbers& numbers) {
  json::array corners;
  if (item.get_array().get(corners) != simdjson::SUCCESS)
    fail_segmentation("is no list of polygons");
  numbers.clear();
  bool integers = true;
  for (auto corner : corners) {
    json::value value;
    if (corner.get(value) != simdjson::SUCCESS) fail_segmentation("is not valid JSON");
    bool integer = false;
    integers = value.is_integer().get(integer) == simdjson::SUCCESS && integer && integers;
    numbers.push_back(coordinate(value));
  }
  return integers;
}

Segmentation read_polygons(json::array array, Size size, Arena& arena) {
  std::pmr::vector<std::span<const double>> parts(&arena);
  std::pmr::vector<std::uint8_t> integral(&arena);
  Numbers numbers(&arena);
  bool odd = false;
  for (auto item : array) {
    const bool integers = read_corners(item, numbers);
    const bool valid = numbers.size() >= 6 && numbers.size() % 2 == 0;
    odd = odd || !valid;
    if (!valid) continue;
    parts.push_back(in_arena(numbers, arena));
    integral.push_back(integers ? 1 : 0);
  }
  if (parts.empty()) return {empty_outline(size, arena), true, false, true};
  return {{size, in_arena(parts, arena), in_arena(integral, arena), {}}, true, true, odd};
}

void read_counts(json::value value, std::pmr::vector<std::uint32_t>& runs, bool& valid) {
  json::array array;
  std::string_view text;
  valid = true;
  if (value.get_array().get(array) == simdjson::SUCCESS) {
    for (auto item : array) {
      std::uint64_t run = 0;
      if (item.get_uint64().get(run) != simdjson::SUCCESS) {
        fail_segmentation("holds a run length that is no natural number");
      }
      if (run > std::numeric_limits<std::uint32_t>::max()) {
        fail_segmentation("holds a run length of " + std::to_string(run) +
                          ", longer than any image");
      }
      runs.push_back(static_cast<std::uint32_t>(run));
    }
  } else if (value.get_string().get(text) == simdjson::SUCCESS) {
    if (!image::read_runs(text, runs)) fail_segmentation("holds 'counts' that are no run lengths");
  } else {
    valid = false;
  }
}

Size read_size(json::value value) {
  json::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS)
    fail_segmentation("has a 'size' that is no list");
  std::array<std::int64_t, 2> sides = {-1, -1};
  std::size_t count = 0;
  for (auto item : array) {
    std::int64_t side = -1;
    if (item.get_int64().get(side) != simdjson::SUCCESS)
      fail_segmentation("has a 'size' that is no size");
    if (count < 2) sides[count] = side;
    ++count;
  }
  constexpr std::int64_t limit = std::numeric_limits<int>::max();
  if (count != 2 || sides[0] < 0 || sides[1] < 0 || sides[0] > limit || sides[1] > limit) {
    fail_segmentation("has a 'size' that is no size");
  }
  return {static_cast<int>(sides[1]), static_cast<int>(sides[0])};
}

struct RunLengths {
  std::pmr::vector<std::uint32_t> runs;
  std::optional<Size> size = {};
  bool has_counts = false;

  void require_all_pixels() const {
    const auto covered = std::accumulate(runs.begin(), runs.end(), std::uint64_t{0});
    const auto pixels =
        static_cast<std::uint64_t>(size->width) * static_cast<std::uint64_t>(size->height);
    if (covered == pixels) return;
    fail_segmentation("has run lengths of " + std::to_string(covered) + " pixels, its image has " +
                      std::to_string(pixels));
  }
};

RunLengths read_run_lengths(json::object object, Arena& arena) {
  RunLengths read{std::pmr::vector<std::uint32_t>(&arena)};
  for (auto field : object) {
    std::string_view key;
    json::value value;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS ||
        field.value().get(value) != simdjson::SUCCESS) {
      fail_segmentation("is not valid JSON");
    }
    if (key == "counts") read_counts(value, read.runs, read.has_counts);
    bool none = false;
    if (key == "size" && (value.is_null().get(none) != simdjson::SUCCESS || !none)) {
      read.size = read_size(value);
    }
  }
  return read;
}

Segmentation mask_of_runs(json::object object, Size size, Arena& arena) {
  const RunLengths read = read_run_lengths(object, arena);
  if (!read.has_counts || !read.size) return {empty_outline(size, arena), false, false, true};
  if (*read.size != size) {
    fail_segmentation("is of " + to_string(*read.size) + ", its image is of " + to_string(size));
  }
  read.require_all_pixels();
  return {{size, {}, {}, in_arena(read.runs, arena)}, false, true, false};
}

image::Outline evaluated_runs(json::object object, Arena& arena) {
  const RunLengths read = read_run_lengths(object, arena);
  if (!read.has_counts) fail_segmentation("has no 'counts' of run lengths");
  if (!read.size) fail_segmentation("has no 'size'");
  read.require_all_pixels();
  return {*read.size, {}, {}, in_arena(read.runs, arena)};
}

// The corners of a box, which takes the place of x, y, width, height.
void turn_into_corners(Numbers& box) {
  const double x = box[0];
  const double y = box[1];
  const double right = x + box[2];
  const double bottom = y + box[3];
  box.assign({x, y, x, bottom, right, bottom, right, y});
}

image::Outline evaluated_polygons(json::array array, Size size, Arena& arena) {
  std::pmr::vector<std::span<const double>> parts(&arena);
  Numbers numbers(&arena);
  bool boxes = false;
  for (auto item : array) {
    read_corners(item, numbers);
    if (parts.empty()) boxes = numbers.size() == 4;
    const bool wrong = boxes ? numbers.size() != 4 : parts.empty() && numbers.size() < 5;
    if (wrong) {
      fail_segmentation("has a part of " + std::to_string(numbers.size()) +
                        " numbers, neither a polygon nor a box");
    }
    if (boxes) turn_into_corners(numbers);
    parts.push_back(in_arena(numbers, arena));
  }
  if (parts.empty()) fail_segmentation("is an empty list");
  return {size, in_arena(parts, arena), {}, {}};
}

// Calls with_list(array) or with_dict(object) for the document.
template <class WithList, class WithDict>
auto parsed(std::string_view text, WithList with_list, WithDict with_dict) {
  thread_local json::parser parser;
  thread_local std::string padded;
  padded.assign(text);
  padded.resize(text.size() + simdjson::SIMDJSON_PADDING);
  json::document document;
  const simdjson::padded_string_view view(padded.data(), text.size(), padded.size());
  const simdjson::error_code failed = parser.iterate(view).get(document);
  if (failed == simdjson::MEMALLOC) throw std::bad_alloc();
  if (failed != simdjson::SUCCESS) fail_segmentation("is not valid JSON");
  json::array array;
  if (document.get_array().get(array) == simdjson::SUCCESS) return with_list(array);
  json::object object;
  if (document.get_object().get(object) != simdjson::SUCCESS)
    fail_segmentation("is not valid JSON");
  return with_dict(object);
}

}  // namespace

SegmentationFile::SegmentationFile(std::string path)
    : path_(std::move(path)),
      file_(retried([&] { return ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); })) {
  if (!file_.open()) throw failed_call("open", path_, ErrorKind::data);
}

std::string_view SegmentationFile::read(const SegmentationSpan& span, Arena& arena) const {
  auto* text = static_cast<char*>(arena.allocate(span.bytes, 1));
  const auto bytes = std::as_writable_bytes(std::span(text, span.bytes));
  if (read_at(file_.number(), span.start, bytes, path_, ErrorKind::data) < span.bytes) {
    throw Error(ErrorKind::data, path_ + " has become shorter since it was read");
  }
  return {text, span.bytes};
}

image::Outline empty_outline(Size size, Arena& arena) {
  const std::pmr::vector<double> corners(6, 0.0, &arena);
  const std::pmr::vector<std::span<const double>> parts({in_arena(corners, arena)}, &arena);
  const std::pmr::vector<std::uint8_t> integral(1, 0, &arena);
  return {size, in_arena(parts, arena), in_arena(integral, arena), {}};
}

Segmentation read_segmentation(std::string_view text, Size size, Arena& arena) {
  return parsed(
      text, [&](json::array array) { return read_polygons(array, size, arena); },
      [&](json::object object) { return mask_of_runs(object, size, arena); });
}

image::Outline read_evaluated_segmentation(std::string_view text, Size size, Arena& arena) {
  return parsed(
      text, [&](json::array array) { return evaluated_polygons(array, size, arena); },
      [&](json::object object) { return evaluated_runs(object, arena); });
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.2, 6.6.
#include "pinfeed/annotations/segmentation.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>

#include <cmath>
#include <limits>
#include <memory_resource>
#include <numeric>
#include <utility>
#include <vector>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

namespace json = simdjson::ondemand;

using Numbers = std::pmr::vector<double>;

[[noreturn]] void fail(const std::string& what) {
  throw Error(ErrorKind::data, "its segmentation " + what);
}

double coordinate(json::value value) {
  double number = 0.0;
  if (value.get_double().get(number) != simdjson::SUCCESS) {
    fail("holds a coordinate that is no number");
  }
  if (std::fabs(number) <= image::outline_reach) return number;
  fail(fmt::format("holds the coordinate {:.17g}", number));
}

template <class T>
std::span<const T> kept(const std::pmr::vector<T>& values, Arena& arena) {
  auto* copy = static_cast<T*>(arena.allocate(values.size() * sizeof(T), alignof(T)));
  std::uninitialized_copy(values.begin(), values.end(), copy);
  return {copy, values.size()};
}

Segmentation polygons(json::array array, Size size, Arena& arena) {
  std::pmr::vector<std::span<const double>> parts(&arena);
  std::pmr::vector<std::uint8_t> integral(&arena);
  Numbers numbers(&arena);
  bool odd = false;
  for (auto item : array) {
    json::array corners;
    if (item.get_array().get(corners) != simdjson::SUCCESS) fail("is no list of polygons");
    numbers.clear();
    bool integers = true;
    for (auto corner : corners) {
      json::value value;
      if (corner.get(value) != simdjson::SUCCESS) fail("is not valid JSON");
      bool integer = false;
      integers = value.is_integer().get(integer) == simdjson::SUCCESS && integer && integers;
      numbers.push_back(coordinate(value));
    }
    const bool usable = numbers.size() >= 6 && numbers.size() % 2 == 0;
    odd = odd || !usable;
    if (!usable) continue;
    parts.push_back(kept(numbers, arena));
    integral.push_back(integers ? 1 : 0);
  }
  if (parts.empty()) return {empty_outline(size, arena), true, false, true};
  return {{size, kept(parts, arena), kept(integral, arena), {}}, true, true, odd};
}

void read_counts(json::value value, std::pmr::vector<std::uint32_t>& runs, bool& known) {
  json::array array;
  std::string_view text;
  known = true;
  if (value.get_array().get(array) == simdjson::SUCCESS) {
    for (auto item : array) {
      std::uint64_t run = 0;
      if (item.get_uint64().get(run) != simdjson::SUCCESS) {
        fail("holds a run length that is no natural number");
      }
      if (run > std::numeric_limits<std::uint32_t>::max()) {
        fail("holds a run length of " + std::to_string(run) + ", longer than any image");
      }
      runs.push_back(static_cast<std::uint32_t>(run));
    }
  } else if (value.get_string().get(text) == simdjson::SUCCESS) {
    if (!image::read_runs(text, runs)) fail("holds 'counts' that are no run lengths");
  } else {
    known = false;
  }
}

Size read_size(json::value value) {
  json::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) fail("has a 'size' that is no list");
  std::array<std::int64_t, 2> sides = {-1, -1};
  std::size_t count = 0;
  for (auto item : array) {
    std::int64_t side = -1;
    if (item.get_int64().get(side) != simdjson::SUCCESS) fail("has a 'size' that is no size");
    if (count < 2) sides[count] = side;
    ++count;
  }
  constexpr std::int64_t most = std::numeric_limits<int>::max();
  if (count != 2 || sides[0] < 0 || sides[1] < 0 || sides[0] > most || sides[1] > most) {
    fail("has a 'size' that is no size");
  }
  return {static_cast<int>(sides[1]), static_cast<int>(sides[0])};
}

Segmentation run_lengths(json::object object, Size size, Arena& arena) {
  std::pmr::vector<std::uint32_t> runs(&arena);
  bool has_counts = false;
  std::optional<Size> own;
  for (auto field : object) {
    std::string_view key;
    json::value value;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS ||
        field.value().get(value) != simdjson::SUCCESS) {
      fail("is not valid JSON");
    }
    if (key == "counts") read_counts(value, runs, has_counts);
    bool none = false;
    if (key == "size" && (value.is_null().get(none) != simdjson::SUCCESS || !none)) {
      own = read_size(value);
    }
  }
  if (!has_counts || !own) return {empty_outline(size, arena), false, false, true};
  if (*own != size) {
    fail("is of " + to_string(*own) + ", its image is of " + to_string(size));
  }
  const auto covered = std::accumulate(runs.begin(), runs.end(), std::uint64_t{0});
  const auto pixels =
      static_cast<std::uint64_t>(size.width) * static_cast<std::uint64_t>(size.height);
  if (covered != pixels) {
    fail("has run lengths of " + std::to_string(covered) + " pixels, its image has " +
         std::to_string(pixels));
  }
  return {{size, {}, {}, kept(runs, arena)}, false, true, false};
}

}  // namespace

SegmentationFile::SegmentationFile(std::string path)
    : path_(std::move(path)), file_(::open(path_.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (file_.open()) return;
  throw Error(read_failure_kind(), "cannot open " + path_ + ": " + system_reason());
}

std::string_view SegmentationFile::read(const SegmentationSpan& place, Arena& arena) const {
  auto* text = static_cast<char*>(arena.allocate(place.bytes, 1));
  for (std::size_t done = 0; done < place.bytes;) {
    const ssize_t got = ::pread(file_.number(), text + done, place.bytes - done,
                                static_cast<off_t>(place.start + done));
    if (got < 0) throw Error(read_failure_kind(), "cannot read " + path_ + ": " + system_reason());
    if (got == 0) {
      throw Error(ErrorKind::data, path_ + " has become shorter since it was read");
    }
    done += static_cast<std::size_t>(got);
  }
  return {text, place.bytes};
}

image::Outline empty_outline(Size size, Arena& arena) {
  const std::pmr::vector<double> corners(6, 0.0, &arena);
  const std::pmr::vector<std::span<const double>> parts({kept(corners, arena)}, &arena);
  const std::pmr::vector<std::uint8_t> integral(1, 0, &arena);
  return {size, kept(parts, arena), kept(integral, arena), {}};
}

Segmentation read_segmentation(std::string_view text, Size size, Arena& arena) {
  thread_local json::parser parser;
  thread_local std::string padded;
  padded.assign(text);
  padded.resize(text.size() + simdjson::SIMDJSON_PADDING);
  json::document document;
  const simdjson::padded_string_view view(padded.data(), text.size(), padded.size());
  if (parser.iterate(view).get(document) != simdjson::SUCCESS) fail("is not valid JSON");
  json::array array;
  if (document.get_array().get(array) == simdjson::SUCCESS) return polygons(array, size, arena);
  json::object object;
  if (document.get_object().get(object) != simdjson::SUCCESS) fail("is not valid JSON");
  return run_lengths(object, size, arena);
}

}  // namespace pinfeed

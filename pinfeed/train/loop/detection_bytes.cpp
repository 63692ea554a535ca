// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/loop/detection_bytes.h"

#include <cstring>
#include <span>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

template <class T>
void append(std::string& bytes, std::span<const T> items) {
  const auto count = static_cast<std::uint64_t>(items.size());
  bytes.append(reinterpret_cast<const char*>(&count), sizeof(count));
  if (!items.empty()) bytes.append(reinterpret_cast<const char*>(items.data()), items.size_bytes());
}

std::string_view take_bytes(std::string_view& bytes, std::uint64_t count) {
  if (count > bytes.size()) throw Error(ErrorKind::bug, "detections of a rank end early");
  const std::string_view taken = bytes.substr(0, count);
  bytes.remove_prefix(count);
  return taken;
}

std::uint64_t take_count(std::string_view& bytes) {
  std::uint64_t count = 0;
  std::memcpy(&count, take_bytes(bytes, sizeof(count)).data(), sizeof(count));
  return count;
}

template <class T>
std::vector<T> take(std::string_view& bytes) {
  const std::uint64_t count = take_count(bytes);
  const std::string_view taken = take_bytes(bytes, count * sizeof(T));
  std::vector<T> items(count);
  if (count > 0) std::memcpy(items.data(), taken.data(), taken.size());
  return items;
}

}  // namespace

void append_detections(std::string& bytes, const ImageDetections& image) {
  append(bytes, std::span(&image.image_id, 1));
  append(bytes, image.boxes);
  append(bytes, image.scores);
  append(bytes, image.labels);
  const auto masks = static_cast<std::uint64_t>(image.masks.size());
  append(bytes, std::span(&masks, 1));
  for (const RunMask& mask : image.masks) {
    append(bytes, std::span(&mask.size, 1));
    append(bytes, std::span(mask.runs));
  }
}

StoredDetections take_detections(std::string_view& bytes) {
  StoredDetections image{.image_id = take<std::int64_t>(bytes).at(0)};
  image.boxes = take<Box>(bytes);
  image.scores = take<float>(bytes);
  image.labels = take<std::int64_t>(bytes);
  image.masks.resize(take<std::uint64_t>(bytes).at(0));
  for (RunMask& mask : image.masks) {
    mask.size = take<Size>(bytes).at(0);
    mask.runs = take<std::uint32_t>(bytes);
  }
  return image;
}

void append_text(std::string& bytes, std::string_view text) {
  append(bytes, std::span<const char>(text));
}

std::string_view take_text(std::string_view& bytes) { return take_bytes(bytes, take_count(bytes)); }

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/report/error_pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "pinfeed/core/arena.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/image/codec/codec.h"
#include "pinfeed/report/picture_bytes.h"

namespace pinfeed {
namespace {

constexpr std::size_t worst_images = 12;
constexpr std::size_t other_images = 4;
constexpr int longest_side_of_comparison = 480;

struct ErrorCounts {
  int missed = 0;
  int wrong = 0;  // detections without an object
  int other = 0;  // found as another class

  int all() const { return missed + wrong + other; }
};

class Comparison {
 public:
  explicit Comparison(const EvaluatedDetections& found) : found_(&found) {
    for (const CocoCategory& category : found.truth.categories) names_[category.id] = category.name;
  }

  BoxKind kind_of(const ObjectPair& pair) const {
    if (!pair.truth || !pair.detection) return BoxKind::wrong;
    const bool same = truth(pair).category_id == detection(pair).category_id;
    return same ? BoxKind::found : BoxKind::other_class;
  }

  ErrorCounts errors_of(const ImagePairs& image) const {
    ErrorCounts errors;
    for (const ObjectPair& pair : image.pairs) {
      if (kind_of(pair) == BoxKind::other_class) ++errors.other;
      if (!pair.detection) ++errors.missed;
      if (!pair.truth) ++errors.wrong;
    }
    return errors;
  }

  void add_boxes(const ImagePairs& image, PagePicture& picture) const {
    picture.predicted.emplace();
    for (const ObjectPair& pair : image.pairs) {
      const BoxKind kind = kind_of(pair);
      if (pair.truth)
        picture.boxes.push_back(box_of(truth(pair), kind, name(truth(pair).category_id)));
      if (!pair.detection) continue;
      const CocoDetection& one = detection(pair);
      picture.predicted->push_back(
          box_of(one, kind, fmt::format("{} {:.2f}", name(one.category_id), one.score)));
    }
  }

 private:
  const CocoAnnotation& truth(const ObjectPair& pair) const {
    return found_->truth.annotations[*pair.truth];
  }
  const CocoDetection& detection(const ObjectPair& pair) const {
    return found_->detections[*pair.detection];
  }
  std::string name(std::int64_t category) const {
    const auto known = names_.find(category);
    return known == names_.end() ? "" : known->second;
  }
  template <class Row>
  static PageBox box_of(const Row& row, BoxKind kind, const std::string& label) {
    return {.x = row.x,
            .y = row.y,
            .width = row.width,
            .height = row.height,
            .kind = kind,
            .label = label};
  }

  const EvaluatedDetections* found_;
  std::unordered_map<std::int64_t, std::string> names_ = {};
};

// The positions in the sorted list that are drawn.
std::vector<std::size_t> drawn_positions(std::size_t images) {
  std::vector<std::size_t> drawn(std::min(images, worst_images));
  std::iota(drawn.begin(), drawn.end(), std::size_t{0});
  const std::size_t rest = images - drawn.size();
  const std::size_t others = std::min(rest, other_images);
  for (std::size_t i = 1; i <= others; ++i) drawn.push_back(worst_images + rest * i / others - 1);
  return drawn;
}

// The records of these images in the data set.
std::unordered_map<std::int64_t, std::int64_t> records_of(const Dataset& dataset,
                                                          const std::vector<std::int64_t>& ids) {
  std::unordered_map<std::int64_t, std::int64_t> records;
  for (const std::int64_t id : ids) records[id] = -1;
  std::size_t unknown = records.size();
  Arena arena;
  for (std::int64_t i = 0; i < dataset.size && unknown > 0; ++i) {
    arena.reset();
    const Sample sample = dataset.get(i, arena);
    const auto wanted = records.find(sample.img_id);
    if (sample.bad != nullptr || wanted == records.end() || wanted->second >= 0) continue;
    wanted->second = i;
    --unknown;
  }
  return records;
}

// False for an image that cannot be read.
bool add_image(const Dataset& dataset, std::int64_t record, PagePicture& picture) {
  Arena arena;
  const Sample sample = dataset.get(record, arena);
  const std::string path(sample.img_path);
  try {
    const Buffer bytes = read_bytes(path, ErrorKind::data);
    const image::Image image = image::decode({bytes.data(), bytes.size}, path);
    picture.size = image.size();
    picture.jpeg = small_jpeg(image, longest_side_of_comparison);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::data) throw;
    return false;
  }
  picture.title = std::string(sample.file_name.empty() ? sample.img_path : sample.file_name);
  return true;
}

std::string note_of(const ErrorCounts& errors, std::size_t position, std::size_t images) {
  std::string parts;
  const auto add = [&](int count, const char* what) {
    if (count > 0) parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", count, what);
  };
  add(errors.missed, "missed");
  add(errors.wrong, "false");
  add(errors.other, "of another class");
  return fmt::format("{} ({} of {})", parts.empty() ? "no errors" : parts, position + 1, images);
}

}  // namespace

std::vector<PagePicture> error_pictures(const EvaluatedDetections& found,
                                        std::span<const ImagePairs> images) {
  const Comparison comparison(found);
  std::vector<std::pair<const ImagePairs*, ErrorCounts>> sorted;
  for (const ImagePairs& image : images) sorted.emplace_back(&image, comparison.errors_of(image));
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second.all() > b.second.all(); });
  const std::vector<std::size_t> drawn = drawn_positions(sorted.size());
  std::vector<std::int64_t> ids;
  ids.reserve(drawn.size());
  for (const std::size_t position : drawn) ids.push_back(sorted[position].first->image_id);
  const auto records = records_of(found.dataset, ids);
  std::vector<PagePicture> pictures;
  for (const std::size_t position : drawn) {
    const auto& [image, errors] = sorted[position];
    PagePicture picture{.note = note_of(errors, position, sorted.size())};
    const std::int64_t record = records.at(image->image_id);
    if (record < 0 || !add_image(found.dataset, record, picture)) continue;
    comparison.add_boxes(*image, picture);
    pictures.push_back(std::move(picture));
  }
  return pictures;
}

}  // namespace pinfeed

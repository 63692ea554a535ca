// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.2.
#include <string_view>

#include "pinfeed/annotations/coco_file.h"
#include "pinfeed/annotations/json_elements.h"

namespace pinfeed {
namespace {

// The keys of one detection that have occurred.
struct SeenKeys {
  bool image = false;
  bool category = false;
  bool score = false;
  bool box = false;
};

void require(bool seen, std::string_view key, const ElementName& name) {
  if (!seen) name.fail("has no " + quoted(key));
}

class ResultsReader {
 public:
  explicit ResultsReader(CocoResults& results) : results_(&results) {}

  void key(std::string_view key, JsonValue value, ElementName& name) {
    if (key == "image_id") {
      row_.image_id = record_id(value, key, name);
      seen_.image = true;
    } else if (key == "category_id") {
      row_.category_id = record_id(value, key, name);
      seen_.category = true;
    } else if (key == "score") {
      row_.score = number(value, "'score'", name);
      seen_.score = true;
    } else if (key == "segmentation") {
      segmentation_ = segmentation(value, key, name);
    } else if (key == "bbox") {
      const auto [x, y, width, height] = box(value, name);
      row_ = {row_.image_id, row_.category_id, x, y, width, height, row_.score};
      seen_.box = true;
    }
  }

  void end(const ElementName& name) {
    require(seen_.image, "image_id", name);
    require(seen_.category, "category_id", name);
    require(seen_.score, "score", name);
    const bool has_mask = segmentation_.bytes > 0;
    if (results_->detections.empty()) results_->has_boxes = seen_.box || !has_mask;
    if (results_->has_boxes) {
      require(seen_.box, "bbox", name);
    } else {
      require(has_mask, "segmentation", name);
      row_ = {.image_id = row_.image_id, .category_id = row_.category_id, .score = row_.score};
    }
    if (has_mask) results_->segmentations.resize(results_->detections.size());
    results_->detections.push_back(row_);
    if (!results_->segmentations.empty() || has_mask) {
      results_->segmentations.push_back(segmentation_);
    }
    row_ = {};
    seen_ = {};
    segmentation_ = {};
  }

 private:
  CocoResults* results_;
  CocoDetection row_ = {};
  SegmentationSpan segmentation_ = {};
  SeenKeys seen_ = {};
};

}  // namespace

CocoResults read_coco_results(const std::string& path) {
  JsonFile file(path);
  if (file.kind() != '[') throw Error(ErrorKind::data, path + " is no list of detections");
  CocoResults results{.path = path};
  ResultsReader reader(results);
  ElementReader(file, "detections")
      .run(
          file.whole(),
          [&](std::string_view key, JsonValue value, ElementName& name) {
            reader.key(key, value, name);
          },
          [&](const ElementName& name) { reader.end(name); });
  return results;
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pinfeed/annotations/bad_records.h"
#include "pinfeed/annotations/segmentation.h"
#include "pinfeed/annotations/shared_rows.h"
#include "pinfeed/core/error.h"

namespace pinfeed {

/// An image of a COCO file.
struct CocoImage {
  std::int64_t id = 0;
  int width = 0;
  int height = 0;
  std::uint32_t name_start = 0;  // in CocoFile::names
  std::uint32_t name_size = 0;
};

struct CocoCategory {
  std::int64_t id = 0;
  std::string name = {};
};

/// An annotation as written. Its segmentation stays in the file.
struct CocoAnnotation {
  std::int64_t id = 0;
  std::int64_t image_id = 0;
  std::int64_t category_id = 0;
  double x = 0.0;
  double y = 0.0;
  double width = 0.0;
  double height = 0.0;
  double area = 0.0;
  std::uint64_t segmentation_start = 0;
  std::uint32_t segmentation_bytes = 0;
  bool crowd = false;
  bool ignore = false;
  std::array<std::uint8_t, 2> unused = {};  // no bytes of a row are left to chance

  SegmentationSpan segmentation() const { return {segmentation_start, segmentation_bytes}; }
};

/// What cannot be used of a COCO file, and why: an annotation, or an image itself.
struct BadCocoRecord {
  std::optional<std::int64_t> image_id = {};  // empty where the record does not say it
  std::optional<std::int64_t> annotation = {};
  Error error;
};

/// What a COCO file says, in the file's order, unjudged.
struct CocoFile {
  std::string path = {};
  std::vector<CocoImage> images = {};
  std::string names = {};  // file names, one after the other
  std::vector<CocoCategory> categories = {};
  Rows<CocoAnnotation> annotations = {};
  bool has_annotations = false;  // image lists of test sets have none
  std::vector<BadCocoRecord> bad = {};

  std::string_view name_of(const CocoImage& image) const {
    return std::string_view(names).substr(image.name_start, image.name_size);
  }
};

/// Reads it. Throws Error(data), naming the file and the annotation, for: no JSON, keys missing or
/// of the wrong kind, numbers that are not finite, an annotation id that occurs twice. Where bad
/// records are kept, a wrong annotation or image does not throw.
CocoFile read_coco_file(const std::string& path, BadRecords rule = BadRecords::raise);

/// One row of a results file: a detection.
struct CocoDetection {
  std::int64_t image_id = 0;
  std::int64_t category_id = 0;
  double x = 0.0;
  double y = 0.0;
  double width = 0.0;
  double height = 0.0;
  double score = 0.0;
};

/// Reads a list of {"image_id", "category_id", "bbox", "score"}. Throws Error(data), naming the
/// file and the place in the list.
std::vector<CocoDetection> read_coco_results(const std::string& path);

}  // namespace pinfeed

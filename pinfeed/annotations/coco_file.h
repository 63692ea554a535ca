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

// Ids are as in record_id.h: an integer, or the number of a text or of a larger integer.

struct CocoImage {
  std::int64_t id = 0;
  int width = 0;
  int height = 0;
  std::uint32_t name_start = 0;  // of the file name in CocoFile::names
  std::uint32_t name_size = 0;
};

struct CocoCategory {
  std::int64_t id = 0;
  std::string name = {};
};

/// An annotation with the numbers of the file. Of its segmentation only the byte range is stored.
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
  std::array<std::uint8_t, 2> unused = {};  // so that every byte of a row is initialized

  SegmentationSpan segmentation() const { return {segmentation_start, segmentation_bytes}; }
};

/// A record that cannot be used: an annotation, or without `annotation` an image.
struct BadCocoRecord {
  std::optional<std::int64_t> image_id = {};  // empty where the record does not state it
  std::optional<std::int64_t> annotation = {};
  Error error;
};

/// The key of an image that names its file. LVIS v1 has the addresses of COCO's images; their path
/// behind "http://images.cocodataset.org/" is the name.
enum class NameKey { file_name, coco_url };

/// The content of a COCO file in the file's order, before any selection.
struct CocoFile {
  std::string path = {};
  std::vector<CocoImage> images = {};
  NameKey name_key = NameKey::file_name;
  std::string names = {};  // all file names, concatenated
  std::vector<CocoCategory> categories = {};
  SharedRows<CocoAnnotation> annotations = {};
  bool has_annotations = false;  // image lists of test sets have none
  std::vector<BadCocoRecord> bad = {};

  std::string_view name_of(const CocoImage& image) const {
    return std::string_view(names).substr(image.name_start, image.name_size);
  }
};

/// Reads a COCO annotation file. Throws Error(data) naming the file and the annotation for invalid
/// JSON, keys that are missing or have a wrong type, numbers that are not finite, file names that
/// are empty or have a null character, addresses on another server, and an annotation id that
/// occurs twice among the listed images. With BadRecords::keep an invalid annotation or image does
/// not throw.
CocoFile read_coco_file(const std::string& path, BadRecords rule = BadRecords::raise,
                        NameKey names = NameKey::file_name);

/// The same for a file that is only evaluated: as for pycocotools, images may lack file_name, width
/// and height, and categories their name.
CocoFile read_coco_truth(const std::string& path);

/// Whether an id is no integer that stands for itself (record_id.h).
bool has_named_ids(const CocoAnnotation& row);
bool has_named_ids(const CocoFile& file);

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

/// The content of a results file. Its detections have boxes or only masks.
struct CocoResults {
  std::string path = {};
  std::vector<CocoDetection> detections = {};  // without boxes: x, y, width and height are 0
  bool has_boxes = true;
  /// The segmentations in the file, of each detection; empty when none has one.
  std::vector<SegmentationSpan> segmentations = {};
};

/// Reads a list of {"image_id", "category_id", "score"} with "bbox", "segmentation" or both. As for
/// pycocotools, the first detection decides whether all have boxes. Throws Error(data) naming the
/// file and the index in the list.
CocoResults read_coco_results(const std::string& path);

}  // namespace pinfeed

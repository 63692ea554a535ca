// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pinfeed/annotations/coco_file.h"
#include "pinfeed/core/error.h"
#include "pinfeed/data/sample.h"

namespace pinfeed {

/// One record: where its path and its objects lie in the columns.
struct StoredImage {
  std::int64_t id = 0;
  Size annotated = {};
  std::uint64_t path_start = 0;
  std::uint32_t path_size = 0;
  std::uint32_t name_size = 0;  // the end of the path: the name as the file writes it
  std::uint32_t id_size = 0;    // of an id that is a text: it stands after the path
  std::uint32_t count = 0;      // objects
  std::uint64_t first = 0;      // of them
  std::int32_t gt_label = 0;    // where the store has them
  std::uint32_t bad = 0;        // 0, or the place in the store's `bad`, from 1
  bool has_id = true;
};

/// A record on its way into the columns.
struct NewImage {
  std::string path = {};
  std::size_t name_size = 0;
  std::optional<std::int64_t> id = {};
  std::string id_text = {};
  Size annotated = {};
  std::int32_t gt_label = 0;
  std::span<const Instance> instances = {};
};

/// An object of a COCO file: its row there, and its label.
struct StoredObject {
  std::uint32_t row = 0;
  std::uint32_t label = 0;
};

/// The records of a data set in constant columns, read once and shared by all threads. Objects are
/// either `instances`, or `objects` with the rows they come from.
struct AnnotationStore {
  std::vector<StoredImage> images = {};
  std::vector<Instance> instances = {};
  std::vector<StoredObject> objects = {};
  Rows<CocoAnnotation> rows = {};
  std::string paths = {};
  bool has_gt_labels = false;
  std::shared_ptr<const SegmentationFile> segmentations = {};
  std::vector<Error> bad = {};  // why some images cannot be used

  /// The sample of this image cannot be used.
  void mark_bad(StoredImage& image, Error error);
  void add(const NewImage& image);
  void shrink_to_fit();
  std::string_view path_of(const StoredImage& image) const;
  /// They live as long as the store and the arena.
  std::span<const Instance> instances_of(const StoredImage& image, Arena& arena) const;
};

/// What a config selects of a COCO file (docs/specs/openmmlab-data.md, 2.3).
struct CocoSelection {
  std::string image_prefix = {};
  /// Whether a category of this name is wanted. Labels follow the file's order of categories.
  std::function<bool(const std::string&)> wants = {};
  bool filter = false;  // test sets and sets without filter_cfg keep all images
  bool filter_empty_gt = false;
  int min_size = 0;
};

/// The columns, and what was found on the way.
struct CocoRecords {
  AnnotationStore store = {};
  std::vector<CocoCategory> categories = {};  // the selected ones; a label is a place in it
  std::vector<std::string> warnings = {};
};

/// Selects records by upstream's rules: objects that are ignored, outside the image, smaller than
/// a pixel or of an unselected category are left out; crowds stay, marked.
CocoRecords select_records(const CocoFile& file, const CocoSelection& selection);

/// The record at `index` of the store, with fields path, instances, and gt_label where it has one.
Sample sample_of(const AnnotationStore& store, std::int64_t index, Arena& arena);

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pinfeed/annotations/coco_file.h"
#include "pinfeed/core/error.h"
#include "pinfeed/data/dataset.h"

namespace pinfeed {

/// One record: where its path and its objects are in the columns of the store.
struct StoredImage {
  std::int64_t id = 0;
  Size annotated = {};  // pixels, as the annotation file states it
  std::uint64_t path_start = 0;
  std::uint32_t path_size = 0;
  std::uint32_t name_size = 0;  // length of the path's end that the annotation file contains
  std::uint32_t id_size = 0;    // length of an id that is a text; it follows the path
  std::uint32_t count = 0;      // number of objects
  std::uint64_t first = 0;      // index of the first object
  std::int32_t gt_label = 0;    // where the store has labels of images
  std::uint32_t bad = 0;        // 0, or 1 + the index into AnnotationStore::bad
  bool has_id = true;
};

/// A record to be added to the columns.
struct NewImage {
  std::string path = {};
  std::size_t name_size = 0;
  std::optional<std::int64_t> id = {};
  std::string id_text = {};
  Size annotated = {};
  std::int32_t gt_label = 0;
  std::span<const Instance> instances = {};
};

/// An object of a COCO file: its row in the file's annotations, and its label.
struct StoredObject {
  std::uint32_t row = 0;
  std::uint32_t label = 0;
};

/// The records of a data set in columns that do not change once they are read; all threads share
/// them. Objects are either `instances`, or `objects` with the `rows` that they refer to.
struct AnnotationStore {
  std::vector<StoredImage> images = {};
  std::vector<Instance> instances = {};
  std::vector<StoredObject> objects = {};
  SharedRows<CocoAnnotation> rows = {};
  std::string paths = {};
  bool has_gt_labels = false;
  std::shared_ptr<const SegmentationFile> segmentations = {};
  std::vector<Error> bad = {};  // the errors of the images that cannot be used

  /// Stores the error that planning the sample of this image throws.
  void mark_bad(StoredImage& image, Error error);
  void add(const NewImage& image);
  void shrink_to_fit();
  std::string_view path_of(const StoredImage& image) const;
  /// Of the objects of the images that can be used, without crowds and ignored ones, which no
  /// model learns.
  LabelRange labels() const;
  /// The result is valid while both the store and the arena exist.
  std::span<const Instance> instances_of(const StoredImage& image, Arena& arena) const;
};

/// The record at `index`, with the fields path, instances, and gt_label where the store has it.
Sample sample_of(const AnnotationStore& store, std::int64_t index, Arena& arena);

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "pinfeed/annotations/instance.h"
#include "pinfeed/annotations/segmentation.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/geometry.h"
#include "pinfeed/data/field.h"
#include "pinfeed/data/masks.h"
#include "pinfeed/data/tree_node.h"
#include "pinfeed/image/expression/image_expr.h"

namespace pinfeed {

/// The members of a sample that own no memory: a copy of the struct copies them all. Upstream's
/// name of a member, where it differs, is given beside it.
struct SampleValues {
  Fields fields = {};  // the fields that are present

  std::int64_t index = 0;  // sample_idx: the record's index in the data set
  std::int64_t img_id = 0;
  std::string_view img_id_text = {};   // of an id that is a text or a larger integer (record_id.h)
  bool has_img_id = true;              // false for image folders
  std::string_view img_path = {};      // to open; valid as long as the data set
  std::string_view file_name = {};     // as the annotation file writes it
  std::string_view path_in_root = {};  // img_path below data_root; empty: not known
  Size annotated = {};                 // width and height according to the annotation file
  const SegmentationFile* segmentations = nullptr;  // of the instances
  std::int64_t gt_label = 0;                        // of image folders
  const Error* bad = nullptr;                       // why the record cannot be used

  image::ImageExpr image = {};        // img
  image::Encoded* encoded = nullptr;  // the stored image behind it, read before rendering
  Size ori_shape = {};                // decoded size
  Size img_shape = {};
  std::optional<std::pair<double, double>> scale_factor = {};  // (w, h)
  bool flip_known = false;                                     // RandomFlip has run
  std::optional<image::FlipDirection> flip = {};
  std::optional<image::Normalization> normalization = {};  // img_norm_cfg
};

/// The members of a sample whose memory is in an arena.
struct SampleArrays {
  explicit SampleArrays(Arena& memory)
      : boxes(&memory),
        labels(&memory),
        ignore_flags(&memory),
        masks(memory),
        extra(map_node(memory)) {}

  std::span<const Instance> instances = {};     // the annotations as the data set reads them
  std::pmr::vector<Box> boxes;                  // gt_bboxes
  std::pmr::vector<std::int64_t> labels;        // gt_bboxes_labels
  std::pmr::vector<std::uint8_t> ignore_flags;  // gt_ignore_flags
  Masks masks;                                  // gt_masks
  TreeNode packed = {};                         // what the collate function gets
  TreeNode extra;                               // fields of user-defined parts, by name
};

/// One planned sample: a record on its way through the pipeline. The image is an expression without
/// pixels. All memory is in the arena of the sample's batch.
struct Sample : SampleValues, SampleArrays {
  explicit Sample(Arena& memory) : SampleArrays(memory), arena(&memory) {}

  Arena* arena;
};

/// A copy of the sample in another arena. The nodes of its image and masks are shared, not copied.
Sample copied(const Sample& sample, Arena& arena);

/// Removes the objects whose flag is 0 from those of boxes, labels, ignore flags and masks that are
/// present. `keep` has one flag per object.
void keep_objects(Sample& sample, std::span<const std::uint8_t> keep);

}  // namespace pinfeed

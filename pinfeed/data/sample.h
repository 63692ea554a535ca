// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory_resource>
#include <optional>
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

/// One planned sample: a record on its way through the pipeline. The image is an expression, no
/// pixel exists yet. Everything lives in the arena of its batch. Upstream's name of a member, where
/// it differs, stands beside it.
struct Sample {
  explicit Sample(Arena& memory)
      : arena(&memory),
        boxes(&memory),
        labels(&memory),
        ignore_flags(&memory),
        masks(memory),
        extra(map_node(memory)) {}

  Arena* arena;
  Fields fields = {};  // what is present

  std::int64_t index = 0;  // sample_idx: the record's place in the data set
  std::int64_t img_id = 0;
  std::string_view img_id_text = {};  // counts instead where it is not empty
  bool has_img_id = true;             // image folders have none
  std::string_view img_path = {};     // to open; lives as long as the data set
  std::string_view file_name = {};    // as the annotation file writes it
  Size annotated = {};                // width and height of the annotation file
  std::span<const Instance> instances = {};
  const SegmentationFile* segmentations = nullptr;  // of the instances
  std::int64_t gt_label = 0;                        // of image folders
  const Error* bad = nullptr;                       // the record cannot be used

  image::ImageExpr image = {};        // img
  image::Encoded* encoded = nullptr;  // the stored image behind it, to be read before rendering
  Size ori_shape = {};                // decoded size
  Size img_shape = {};
  std::optional<std::pair<double, double>> scale_factor = {};  // (w, h)
  bool flip_known = false;                                     // RandomFlip has run
  std::optional<image::FlipDirection> flip = {};
  std::optional<image::Normalization> normalization = {};  // img_norm_cfg

  std::pmr::vector<Box> boxes;                  // gt_bboxes
  std::pmr::vector<std::int64_t> labels;        // gt_bboxes_labels
  std::pmr::vector<std::uint8_t> ignore_flags;  // gt_ignore_flags
  Masks masks;                                  // gt_masks

  TreeNode packed = {};  // what the collate sees
  TreeNode extra;        // fields of one's own, by name
};

/// A copy in another arena. Its image shares the nodes of this one.
Sample copied(const Sample& sample, Arena& arena);

/// Keeps the objects whose flag is set: boxes, labels, ignore flags, masks, those that are present.
void keep_objects(Sample& sample, std::span<const std::uint8_t> keep);

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.8.
#include "pinfeed/data/transforms/filter_annotations.h"

namespace pinfeed {
namespace {

void check(const FilterAnnotations& params) {
  if (params.by_box || params.by_mask) return;
  throw Error(ErrorKind::config, "by_box or by_mask must be True");
}

bool is_large(const FilterAnnotations& params, const Sample& sample, std::size_t i) {
  const Box& box = sample.boxes[i];
  const auto width = static_cast<float>(params.min_gt_bbox_wh[0]);
  const auto height = static_cast<float>(params.min_gt_bbox_wh[1]);
  if (params.by_box && !(box.x2 - box.x1 > width && box.y2 - box.y1 > height)) return false;
  return !params.by_mask || area_of(sample.masks, i) >= params.min_gt_mask_area;
}

}  // namespace

void describe(Schema<FilterAnnotations>& schema) {
  schema.summary("Removes objects that are too small, and samples that lose all of them.")
      .optional("min_gt_bbox_wh", &FilterAnnotations::min_gt_bbox_wh,
                "a box must be larger than this width and height, pixels")
      .optional("min_gt_mask_area", &FilterAnnotations::min_gt_mask_area,
                "smallest area of a mask, pixels")
      .optional("by_box", &FilterAnnotations::by_box, "filter by the boxes")
      .optional("by_mask", &FilterAnnotations::by_mask, "filter by the masks")
      .optional("keep_empty", &FilterAnnotations::keep_empty,
                "True drops a sample that loses all its boxes, False keeps it; the name is "
                "inverted, as upstream")
      .check(check);
}

FieldUse fields(const FilterAnnotations& params) {
  Fields needs = Field::boxes;
  if (params.by_mask) needs = needs | Field::masks;
  return {.needs = needs,
          .updates = Field::boxes | Field::labels | Field::ignore_flags | Field::masks};
}

bool apply(const FilterAnnotations& params, Sample& sample, RandomContext&) {
  if (sample.boxes.empty()) return true;
  std::pmr::vector<std::uint8_t> keep(sample.arena);
  for (std::size_t i = 0; i < sample.boxes.size(); ++i) {
    keep.push_back(is_large(params, sample, i) ? 1 : 0);
  }
  keep_objects(sample, keep);
  return !sample.boxes.empty() || !params.keep_empty;
}

}  // namespace pinfeed

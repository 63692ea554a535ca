// SPDX-License-Identifier: Apache-2.0
// Source of the rules: specs data 4.8.
#include "pinfeed/data/transforms.h"

namespace pinfeed {
namespace {

void check(const FilterAnnotations& params) {
  if (params.by_box) return;
  throw Error(ErrorKind::config, "by_box is False; there is nothing else to filter by yet");
}

}  // namespace

void describe(Schema<FilterAnnotations>& schema) {
  schema.summary("Removes boxes that are too small, and samples that lose all of them.")
      .optional("min_gt_bbox_wh", &FilterAnnotations::min_gt_bbox_wh,
                "width and height that a box must exceed, pixels")
      .accepted("min_gt_mask_area", "masks are not read yet")
      .optional("by_box", &FilterAnnotations::by_box, "look at the boxes")
      .refused("by_mask", "masks are not read yet")
      .optional("keep_empty", &FilterAnnotations::keep_empty,
                "True drops a sample that loses all its boxes, False keeps it: the name is "
                "inverted upstream, and means the same here")
      .check(check);
}

FieldUse fields(const FilterAnnotations&) {
  return {.needs = Field::boxes, .updates = Field::boxes | Field::labels | Field::ignore_flags};
}

bool apply(const FilterAnnotations& params, Sample& sample, Draw&) {
  if (sample.boxes.empty()) return true;
  const auto width = static_cast<float>(params.min_gt_bbox_wh[0]);
  const auto height = static_cast<float>(params.min_gt_bbox_wh[1]);
  std::pmr::vector<std::uint8_t> keep(sample.arena);
  for (const Box& box : sample.boxes) {
    keep.push_back(box.x2 - box.x1 > width && box.y2 - box.y1 > height ? 1 : 0);
  }
  keep_objects(sample, keep);
  return !sample.boxes.empty() || !params.keep_empty;
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
// Source of the rules: specs data 4.2.
#include "pinfeed/data/transforms.h"

namespace pinfeed {
namespace {

Box box_of(const Instance& instance) {
  return {static_cast<float>(instance.x1), static_cast<float>(instance.y1),
          static_cast<float>(instance.x2), static_cast<float>(instance.y2)};
}

void load_boxes(Sample& sample) {
  sample.boxes.clear();
  sample.ignore_flags.clear();
  for (const Instance& instance : sample.instances) {
    sample.boxes.push_back(box_of(instance));
    sample.ignore_flags.push_back(instance.ignore ? 1 : 0);
  }
}

void load_labels(Sample& sample) {
  sample.labels.clear();
  for (const Instance& instance : sample.instances) sample.labels.push_back(instance.label);
}

}  // namespace

void describe(Schema<LoadAnnotations>& schema) {
  schema.summary("Boxes, labels and ignore flags out of the record.")
      .optional("with_bbox", &LoadAnnotations::with_bbox, "read boxes and ignore flags")
      .optional("with_label", &LoadAnnotations::with_label, "read labels")
      .refused("with_mask", "masks are not read yet; boxes and labels are")
      .refused("with_seg", "semantic maps are not read yet; boxes and labels are")
      .refused("with_keypoints", "keypoints are not read")
      .accepted("poly2mask", "how masks are kept; there are none")
      .optional("box_type", &LoadAnnotations::box_type, "boxes are x1, y1, x2, y2 in float32")
      .refused("reduce_zero_label", "semantic maps are not read yet")
      .accepted("ignore_index", "a value of semantic maps; there are none")
      .accepted("imdecode_backend", "decodes semantic maps; there are none")
      .optional("backend_args", &LoadAnnotations::backend_args, "where files are stored")
      .refused("file_client_args", "files are read from the local file system only");
}

FieldUse fields(const LoadAnnotations& params) {
  FieldUse use{.needs = Field::instances};
  if (params.with_bbox) use.creates = Field::boxes | Field::ignore_flags;
  if (params.with_label) use.creates = use.creates | Field::labels;
  return use;
}

bool apply(const LoadAnnotations& params, Sample& sample, Draw&) {
  if (params.with_bbox) load_boxes(sample);
  if (params.with_label) load_labels(sample);
  return true;
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.2.
#include "pinfeed/data/transforms/load_annotations.h"

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

// An object whose segmentation is invalid is ignored, as upstream. Upstream keeps polygons of
// integers as integers, so that every later step cuts off fractions; only replay reproduces this.
void add_mask(bool as_bitmap, std::size_t i, Sample& sample, RandomContext& random) {
  const Instance& instance = sample.instances[i];
  if (instance.segmentation.bytes == 0)
    throw Error(ErrorKind::data, "it has no segmentation, neither polygons nor run lengths");
  const std::string_view text = sample.segmentations->read(instance.segmentation, *sample.arena);
  Segmentation read = read_segmentation(text, sample.ori_shape, *sample.arena);
  if (read.odd && random.bad_samples() != nullptr) {
    random.bad_samples()->odd_masks.push_back({sample.segmentations->path(), instance.annotation});
  }
  if (!as_bitmap && read.valid && !read.is_polygon) {
    read.valid = false;
    read.outline = empty_outline(sample.ori_shape, *sample.arena);
  }
  if (random.keyed()) read.outline.integral = {};
  if (!read.valid) sample.ignore_flags[i] = 1;
  const auto* outline = sample.arena->make<image::Outline>(read.outline);
  if (as_bitmap)
    sample.masks.bitmaps.push_back(image::outlined(outline, *sample.arena));
  else
    sample.masks.outlines.push_back(outline);
}

void load_masks(const LoadAnnotations& params, Sample& sample, RandomContext& random) {
  sample.masks.bitmaps.clear();
  sample.masks.outlines.clear();
  sample.masks.polygons = !params.poly2mask;
  sample.masks.size = sample.ori_shape;
  sample.ignore_flags.resize(sample.instances.size());
  for (std::size_t i = 0; i < sample.instances.size(); ++i) {
    if (!params.with_bbox) sample.ignore_flags[i] = sample.instances[i].ignore ? 1 : 0;
    try {
      add_mask(params.poly2mask, i, sample, random);
    } catch (Error& error) {
      const std::string file =
          sample.segmentations == nullptr ? "the record" : sample.segmentations->path();
      throw error.with_context(AnnotationContext{sample.instances[i].annotation, file});
    }
  }
}

}  // namespace

void describe(Schema<LoadAnnotations>& schema) {
  schema.summary("Loads boxes, labels, ignore flags and masks from the record.")
      .optional("with_bbox", &LoadAnnotations::with_bbox, "load boxes and ignore flags")
      .optional("with_label", &LoadAnnotations::with_label, "load labels")
      .optional("with_mask", &LoadAnnotations::with_mask,
                "load masks; an object whose segmentation is invalid is ignored")
      .refused("with_seg", "semantic maps are not supported yet")
      .refused("with_keypoints", "keypoints are not supported")
      .optional("poly2mask", &LoadAnnotations::poly2mask, "masks are bitmaps; False: polygons")
      .optional("box_type", &LoadAnnotations::box_type, "boxes are x1, y1, x2, y2, float32")
      .refused("reduce_zero_label", "semantic maps are not supported yet")
      .accepted("ignore_index", "semantic maps are not supported")
      .accepted("imdecode_backend", "semantic maps are not supported")
      .optional("backend_args", &LoadAnnotations::backend_args, "storage backend")
      .accepted("file_client_args", &LoadAnnotations::file_client_args,
                "the older form of backend_args")
      .check([](const LoadAnnotations& params) {
        check_file_backends(params.backend_args, params.file_client_args);
      });
}

FieldUse fields(const LoadAnnotations& params) {
  FieldUse use{.needs = Field::instances};
  if (params.with_bbox) use.creates = Field::boxes | Field::ignore_flags;
  if (params.with_label) use.creates = use.creates | Field::labels;
  if (params.with_mask) {
    use.needs = use.needs | Field::image;
    use.creates = use.creates | Field::masks | Field::ignore_flags;
  }
  return use;
}

bool apply(const LoadAnnotations& params, Sample& sample, RandomContext& random) {
  if (params.with_bbox) load_boxes(sample);
  if (params.with_label) load_labels(sample);
  if (params.with_mask) load_masks(params, sample, random);
  return true;
}

}  // namespace pinfeed

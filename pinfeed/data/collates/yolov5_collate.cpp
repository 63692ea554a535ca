// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmyolo/datasets/utils.py, yolov5_collate.
#include <fmt/format.h>

#include <string>

#include "pinfeed/core/error.h"
#include "pinfeed/data/collates/map_tree.h"
#include "pinfeed/data/collates/yolov5_collate.h"

namespace pinfeed {
namespace {

[[noreturn]] void throw_missing(std::size_t sample, const std::string& what) {
  throw Error(ErrorKind::data,
              "yolov5_collate: sample " + std::to_string(sample) + " has no " + what)
      .help("the pipeline ends in PackDetInputs, after LoadAnnotations with boxes and labels");
}

const TreeNode& required_part(const TreeNode& node, const char* key, std::size_t sample) {
  const TreeNode* found = node.find(key);
  if (found == nullptr) throw_missing(sample, std::string("'") + key + "'");
  return *found;
}

struct Objects {
  const Tensor* boxes;   // float32 (n, 4)
  const Tensor* labels;  // int64 (n)
};

const Tensor& tensor_of(const TreeNode& instances, const char* key, DType dtype,
                        std::size_t sample) {
  const auto* tensor = required_part(instances, key, sample).as<Tensor>();
  if (tensor == nullptr || tensor->dtype != dtype) {
    throw_missing(sample, fmt::format("{} tensor '{}'", name_of(dtype), key));
  }
  return *tensor;
}

Objects objects_of(const TreeNode& node, std::size_t sample) {
  const TreeNode& instances =
      required_part(required_part(node, "data_samples", sample), "gt_instances", sample);
  if (instances.find("masks") != nullptr) {
    throw Error(ErrorKind::data, "yolov5_collate cannot collate masks")
        .help("load the annotations with with_mask=False");
  }
  const Tensor& boxes = tensor_of(instances, "bboxes", DType::float32, sample);
  const Tensor& labels = tensor_of(instances, "labels", DType::int64, sample);
  if (labels.shape.rank() != 1 || boxes.shape != Shape{labels.shape[0], 4}) {
    throw Error(
        ErrorKind::data,
        fmt::format("yolov5_collate: sample {} has labels of shape {} for boxes of shape {}",
                    sample, to_string(labels.shape), to_string(boxes.shape)));
  }
  return {&boxes, &labels};
}

Tensor rows_of(std::span<const TreeNode> samples, Arena& arena) {
  std::int64_t count = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    count += objects_of(samples[i], i).labels->shape[0];
  }
  Tensor rows = arena_tensor(DType::float32, {count, 6}, arena);
  auto* to = rows.data_as<float>();
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Objects objects = objects_of(samples[i], i);
    const auto* box = objects.boxes->data_as<float>();
    const auto* label = objects.labels->data_as<std::int64_t>();
    for (std::int64_t k = 0; k < objects.labels->shape[0]; ++k) {
      *to++ = static_cast<float>(i);
      *to++ = static_cast<float>(*label++);
      for (int corner = 0; corner < 4; ++corner) *to++ = *box++;
    }
  }
  return rows;
}

TreeNode inputs_of(const Yolov5Collate& params, std::span<const TreeNode> samples, Layout& layout) {
  std::pmr::vector<image::ImageExpr> images(&layout.arena());
  Column column(&layout.arena());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    column.push_back(&required_part(samples[i], "inputs", i));
    const auto* image = column[i]->as<image::ImageExpr>();
    if (image == nullptr) throw_missing(i, "image");
    images.push_back(*image);
  }
  if (params.use_ms_training) return as_sequence(column, SequenceKind::list, layout);
  return {layout.stack(images)};
}

}  // namespace

void describe(Schema<Yolov5Collate>& schema) {
  schema
      .summary(
          "Stacked images, and all boxes in one tensor of rows (sample, label, x1, y1, x2, y2).")
      .optional("use_ms_training", &Yolov5Collate::use_ms_training,
                "a list of images, for a preprocessor that resizes the batch");
}

Layout layout(const Yolov5Collate& params, std::span<const TreeNode> samples, Arena& arena) {
  if (samples.empty()) throw Error(ErrorKind::data, "a batch of no samples cannot be collated");
  Layout result(arena);
  TreeNode inputs = inputs_of(params, samples, result);
  TreeNode objects = map_node(arena);
  set(objects, "bboxes_labels", {result.place(rows_of(samples, arena))});
  result.batch = map_node(arena);
  set(result.batch, "data_samples", std::move(objects));
  set(result.batch, "inputs", std::move(inputs));
  return result;
}

}  // namespace pinfeed

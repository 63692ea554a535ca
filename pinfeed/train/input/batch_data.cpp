// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/input/batch_data.h"

#include <string_view>
#include <tuple>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/core/record_id.h"
#include "pinfeed/models/torch_tensor.h"

namespace pinfeed {
namespace {

const TreeNodes* sequence(const TreeNode& item) {
  if (const ListNode* list = item.as<ListNode>()) return &list->items;
  if (const TupleNode* tuple = item.as<TupleNode>()) return &tuple->items;
  return nullptr;
}

double number(const TreeNode& item) {
  if (const std::int64_t* whole = item.as<std::int64_t>()) return static_cast<double>(*whole);
  if (const double* real = item.as<double>()) return *real;
  throw Error(ErrorKind::data, "the metadata of a sample contains a " + item.kind_name() +
                                   " where a number should be");
}

std::pair<double, double> two_numbers(const TreeNode& item) {
  const TreeNodes* items = sequence(item);
  if (items == nullptr || items->size() < 2) {
    throw Error(ErrorKind::data, "the metadata of a sample contains a " + item.kind_name() +
                                     " where two numbers should be");
  }
  return {number((*items)[0]), number((*items)[1])};
}

Size size_from_shape(const TreeNode& item) {
  const auto [height, width] = two_numbers(item);
  return {static_cast<int>(width), static_cast<int>(height)};
}

torch::Tensor copied(const TreeNode* instances, std::string_view key,
                     const torch::Tensor& otherwise) {
  const TreeNode* item = instances != nullptr ? instances->find(key) : nullptr;
  const Tensor* tensor = item != nullptr ? item->as<Tensor>() : nullptr;
  if (tensor == nullptr || tensor->elements() == 0) return otherwise;
  return to_torch(*tensor).to(otherwise.scalar_type(), false, true);
}

void read_metainfo(const TreeNode& metainfo, DetDataSample& sample) {
  if (const TreeNode* id = metainfo.find("img_id")) {
    sample.has_img_id = true;
    if (id->as<std::int64_t>() != nullptr) sample.img_id = *id->as<std::int64_t>();
    if (id->as<Text>() != nullptr) sample.img_id = text_id(*id->as<Text>());
  }
  if (const TreeNode* shape = metainfo.find("ori_shape"))
    sample.ori_shape = size_from_shape(*shape);
  if (const TreeNode* shape = metainfo.find("img_shape"))
    sample.img_shape = size_from_shape(*shape);
  if (const TreeNode* factor = metainfo.find("scale_factor")) {
    std::tie(sample.scale_width, sample.scale_height) = two_numbers(*factor);
  }
}

std::shared_ptr<const TruthMasks> masks_of_truth(const TreeNode* instances,
                                                 const BatchPadding& padding) {
  const TreeNode* item = instances != nullptr ? instances->find("masks") : nullptr;
  const Masks* masks = item != nullptr ? item->as<Masks>() : nullptr;
  if (masks == nullptr) return nullptr;
  const std::shared_ptr<TruthMasks> copy = copied_masks(*masks);
  if (padding.mask_pad_value) pad(copy->masks, padding.batch, *padding.mask_pad_value);
  return copy;
}

bool has_tensor(const TreeNode* instances, std::string_view key) {
  const TreeNode* item = instances != nullptr ? instances->find(key) : nullptr;
  return item != nullptr && item->as<Tensor>() != nullptr;
}

DetDataSample data_sample_of(const TreeNode& item, const BatchPadding& padding) {
  const torch::Tensor no_boxes = torch::empty({0, 4});
  const torch::Tensor no_labels = torch::empty({0}, torch::kLong);
  const TreeNode* truth = item.find("gt_instances");
  DetDataSample sample{.boxes = copied(truth, "bboxes", no_boxes),
                       .labels = copied(truth, "labels", no_labels),
                       .ignored_boxes = copied(item.find("ignored_instances"), "bboxes", no_boxes),
                       .has_truth = has_tensor(truth, "bboxes") && has_tensor(truth, "labels"),
                       .masks = masks_of_truth(truth, padding)};
  if (const TreeNode* metainfo = item.find("metainfo")) read_metainfo(*metainfo, sample);
  return sample;
}

const TreeNode& inputs_of(const TreeNode& data) {
  const TreeNode* inputs = data.find("inputs");
  if (inputs != nullptr) return *inputs;
  throw Error(ErrorKind::data,
              "a batch for a model needs 'inputs'; this one is a " + data.kind_name())
      .help("end the pipeline with PackDetInputs or PackInputs");
}

// The (h, w) of each image in a batch of pad_collate; null in any other batch.
const Tensor* valid_shapes_of(const TreeNode& data, const Tensor& stacked) {
  const TreeNode* item = data.find("valid_shapes");
  const Tensor* sizes = item != nullptr ? item->as<Tensor>() : nullptr;
  const bool fit = sizes != nullptr && stacked.shape.rank() == 4 && sizes->dtype == DType::int64 &&
                   sizes->shape == Shape{stacked.shape[0], 2};
  return fit ? sizes : nullptr;
}

// The images without the padding that the collate added (docs/specs/decisions.md, 14).
std::vector<Tensor> without_padding(const Tensor& stacked, const Tensor& sizes) {
  std::vector<Tensor> images;
  for (std::int64_t i = 0; i < stacked.shape[0]; ++i) {
    Tensor image = select(stacked, i);
    image.shape[1] = sizes.data_as<std::int64_t>()[2 * i];
    image.shape[2] = sizes.data_as<std::int64_t>()[2 * i + 1];
    images.push_back(std::move(image));
  }
  return images;
}

}  // namespace

std::vector<Tensor> images_of(const TreeNode& data) {
  const TreeNode& inputs = inputs_of(data);
  if (const Tensor* stacked = inputs.as<Tensor>()) {
    const Tensor* sizes = valid_shapes_of(data, *stacked);
    if (sizes != nullptr) return without_padding(*stacked, *sizes);
    return {*stacked};
  }
  std::vector<Tensor> images;
  const TreeNodes* list = sequence(inputs);
  for (const TreeNode& item : list != nullptr ? *list : TreeNodes{}) {
    if (const Tensor* image = item.as<Tensor>()) images.push_back(*image);
  }
  if (list == nullptr || list->empty() || images.size() != list->size()) {
    throw Error(ErrorKind::data, "'inputs' of a batch must be tensors, not " + inputs.kind_name());
  }
  return images;
}

std::vector<DetDataSample> data_samples_of(const TreeNode& data, const BatchPadding& padding) {
  std::vector<DetDataSample> result;
  const TreeNode* samples = data.find("data_samples");
  const TreeNodes* list = samples != nullptr ? sequence(*samples) : nullptr;
  if (list == nullptr) return result;
  for (const TreeNode& item : *list) {
    result.push_back(data_sample_of(item, padding));
    if (result.size() <= padding.images.size())
      result.back().pad_shape = padding.images[result.size() - 1];
  }
  return result;
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/inspect/dump.h"

#include <cmath>

#include "pinfeed/core/json_text.h"

namespace pinfeed {
namespace {

Tensor copy_of(const Tensor& tensor) {
  Tensor copy = Tensor::empty(tensor.dtype, tensor.shape);
  copy_contiguous(tensor, copy.data());
  return copy;
}

void add_inputs(DumpedBatch& dump, const TreeNode& inputs, const std::string& name) {
  if (const auto* tensor = inputs.as<Tensor>()) {
    dump.tensors.emplace_back(name, copy_of(*tensor));
    return;
  }
  const auto* list = inputs.as<ListNode>();
  const auto* tuple = inputs.as<TupleNode>();
  if (list == nullptr && tuple == nullptr) return;
  const TreeNodes& items = list != nullptr ? list->items : tuple->items;
  for (std::size_t i = 0; i < items.size(); ++i) {
    add_inputs(dump, items[i], name + "." + std::to_string(i));
  }
}

void add_objects(DumpedBatch& dump, const TreeNode* instances, const std::string& prefix) {
  if (instances == nullptr) return;
  for (const char* field : {"bboxes", "labels", "masks"}) {
    const TreeNode* found = instances->find(field);
    const Tensor* tensor = found == nullptr ? nullptr : found->as<Tensor>();
    if (tensor != nullptr) dump.tensors.emplace_back(prefix + field, copy_of(*tensor));
    const auto* masks = found == nullptr ? nullptr : found->as<Masks>();
    if (masks != nullptr) dump.tensors.emplace_back(prefix + field, pixels_of(*masks));
  }
}

std::string json_of(const TreeNode& node);

std::string json_list(const TreeNodes& items) {
  std::string text;
  for (const TreeNode& item : items) text += (text.empty() ? "" : ", ") + json_of(item);
  return "[" + text + "]";
}

std::string json_of(const TreeNode& node) {
  if (const auto* value = node.as<bool>()) return *value ? "true" : "false";
  if (const auto* value = node.as<std::int64_t>()) return std::to_string(*value);
  if (const auto* value = node.as<double>()) return json_number(*value);
  if (const auto* value = node.as<Text>()) return json_string(*value);
  if (const auto* value = node.as<TupleNode>()) return json_list(value->items);
  if (const auto* value = node.as<ListNode>()) return json_list(value->items);
  return "null";
}

std::string json_of_map(const MapNode& map) {
  std::string text;
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    text += (i == 0 ? "" : ", ") + json_string(map.keys[i]) + ": " + json_of(map.values[i]);
  }
  return "{" + text + "}";
}

}  // namespace

DumpedBatch dumped(const Batch& batch, std::int64_t number) {
  DumpedBatch dump;
  const std::string batch_name = std::to_string(number);
  if (const TreeNode* inputs = batch.data().find("inputs")) {
    add_inputs(dump, *inputs, batch_name + ".inputs");
  }
  for (std::size_t i = 0; i < batch.samples().size(); ++i) {
    const TreeNode* element = batch.samples()[i].packed.find("data_samples");
    if (element == nullptr) continue;
    const std::string name = batch_name + "." + std::to_string(i);
    add_objects(dump, element->find("gt_instances"), name + ".");
    add_objects(dump, element->find("ignored_instances"), name + ".ignored_");
    const TreeNode* metainfo = element->find("metainfo");
    const MapNode* map = metainfo == nullptr ? nullptr : metainfo->as<MapNode>();
    if (map != nullptr) dump.metadata.emplace_back(name, json_of_map(*map));
  }
  return dump;
}

}  // namespace pinfeed

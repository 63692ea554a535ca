// SPDX-License-Identifier: Apache-2.0
// Makes trees of a batch and prints them, for the tests of the collates.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "pinfeed/data/collates/list.h"
#include "planning.h"

namespace pinfeed {

inline std::string tree_text(const TreeNode& item);

inline std::string tree_text(const TreeNodes& items) {
  std::string text;
  for (const TreeNode& item : items) text += (text.empty() ? "" : ", ") + tree_text(item);
  return text;
}

inline std::string tree_text(const std::pmr::vector<Text>& keys, const TreeNodes& values) {
  std::string text;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    text += (i == 0 ? "" : ", ") + std::string(keys[i]) + ": " + tree_text(values[i]);
  }
  return text;
}

inline std::string tree_text(const Tensor& tensor) {
  return name_of(tensor.dtype) + to_string(tensor.shape);
}

// The tree on one line: tensors as dtype and shape.
inline std::string tree_text(const TreeNode& item) {
  if (const auto* text = item.as<Text>()) return "'" + std::string(*text) + "'";
  if (const auto* tensor = item.as<Tensor>()) return tree_text(*tensor);
  if (const auto* number = item.as<std::int64_t>()) return std::to_string(*number);
  if (const auto* list = item.as<ListNode>()) return "[" + tree_text(list->items) + "]";
  if (const auto* tuple = item.as<TupleNode>()) return "(" + tree_text(tuple->items) + ")";
  if (const auto* map = item.as<MapNode>()) return "{" + tree_text(map->keys, map->values) + "}";
  if (const auto* tuple = item.as<NamedTupleNode>()) {
    return std::string(tuple->type) + "(" + tree_text(tuple->keys, tuple->values) + ")";
  }
  if (const auto* element = item.as<ElementNode>()) {
    return std::string(element->type) + "(" + tree_text(element->keys, element->values) + ")";
  }
  if (const auto* container = item.as<DataContainerNode>()) {
    return "DataContainer(" + tree_text(container->data) + ")";
  }
  return item.kind_name();
}

class CollateTable : public testing::Test {
 protected:
  TreeNode text(const char* value) { return text_node(value, arena); }
  TreeNode whole(std::int64_t value) { return {value}; }
  TreeNode real(double value) { return {value}; }
  TreeNode list(std::initializer_list<TreeNode> items) {
    TreeNode result = list_node(arena);
    for (const TreeNode& item : items) result.as<ListNode>()->items.push_back(copied(item, arena));
    return result;
  }
  TreeNode tuple(std::initializer_list<TreeNode> items) {
    TreeNode result = tuple_node(arena);
    for (const TreeNode& item : items) result.as<TupleNode>()->items.push_back(copied(item, arena));
    return result;
  }
  TreeNode map(std::initializer_list<std::pair<const char*, TreeNode>> entries) {
    TreeNode result = map_node(arena);
    for (const auto& [key, value] : entries) set(result, key, copied(value, arena));
    return result;
  }
  TreeNode tensor(DType dtype, const Shape& shape, int fill = 0) {
    Tensor result = arena_tensor(dtype, shape, arena);
    std::memset(result.data(), fill, result.bytes());
    return {result};
  }
  TreeNode image(int width, int height) {
    static std::byte nothing = {};
    return {image::plain(
        {.data = &nothing, .height = height, .width = width, .row_bytes = 3 * width}, arena)};
  }
  TreeNode container(TreeNode data, bool stack, double value = 0.0, int pad_dims = 2,
                     bool cpu_only = false) {
    DataContainerNode result{TreeNodes(&arena)};
    result.data.push_back(std::move(data));
    result.stack = stack;
    result.padding_value = value;
    result.pad_dims = pad_dims;
    result.cpu_only = cpu_only;
    return {std::move(result)};
  }

  std::string stacked(const std::vector<TreeNode>& samples) {
    return tree_text(layout(DefaultCollate{}, samples, arena).batch);
  }
  std::string listed(const std::vector<TreeNode>& samples) {
    return tree_text(layout(PseudoCollate{}, samples, arena).batch);
  }
  // The batch's one tensor as the slot would hold it.
  template <class T>
  std::vector<T> numbers(const Layout& result, const Tensor& tensor) {
    std::vector<std::byte> slot(result.bytes());
    for (const Piece& piece : result.pieces()) {
      std::memcpy(slot.data() + piece.offset, piece.from, piece.bytes);
    }
    std::vector<T> values(static_cast<std::size_t>(tensor.elements()));
    std::memcpy(values.data(), slot.data() + tensor.offset, values.size() * sizeof(T));
    return values;
  }

  Arena arena;
};

}  // namespace pinfeed

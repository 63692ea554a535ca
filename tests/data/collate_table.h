// SPDX-License-Identifier: Apache-2.0
// Trees of a batch, made and shown: what the tests of the collates share.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "pinfeed/data/collates/list.h"
#include "planning.h"

namespace pinfeed {

inline std::string shown(const TreeNode& item);

inline std::string shown(const TreeNodes& items) {
  std::string text;
  for (const TreeNode& item : items) text += (text.empty() ? "" : ", ") + shown(item);
  return text;
}

inline std::string shown(const std::pmr::vector<Text>& keys, const TreeNodes& values) {
  std::string text;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    text += (i == 0 ? "" : ", ") + std::string(keys[i]) + ": " + shown(values[i]);
  }
  return text;
}

inline std::string shown(const Tensor& tensor) {
  return name_of(tensor.dtype) + to_string(tensor.shape);
}

// The tree on one line: tensors as dtype and shape.
inline std::string shown(const TreeNode& item) {
  if (const auto* text = item.as<Text>()) return "'" + std::string(*text) + "'";
  if (const auto* tensor = item.as<Tensor>()) return shown(*tensor);
  if (const auto* number = item.as<std::int64_t>()) return std::to_string(*number);
  if (const auto* list = item.as<ListNode>()) return "[" + shown(list->items) + "]";
  if (const auto* tuple = item.as<TupleNode>()) return "(" + shown(tuple->items) + ")";
  if (const auto* map = item.as<MapNode>()) return "{" + shown(map->keys, map->values) + "}";
  if (const auto* tuple = item.as<NamedTupleNode>()) {
    return std::string(tuple->type) + "(" + shown(tuple->keys, tuple->values) + ")";
  }
  if (const auto* element = item.as<ElementNode>()) {
    return std::string(element->type) + "(" + shown(element->keys, element->values) + ")";
  }
  if (const auto* container = item.as<DataContainerNode>()) {
    return "DataContainer(" + shown(container->data) + ")";
  }
  return item.kind_name();
}

class CollateTable : public testing::Test {
 protected:
  TreeNode text(const char* value) { return text_node(value, arena); }
  TreeNode whole(std::int64_t value) { return {value}; }
  TreeNode real(double value) { return {value}; }
  TreeNode list(std::initializer_list<TreeNode> items) {
    TreeNode made = list_node(arena);
    for (const TreeNode& item : items) made.as<ListNode>()->items.push_back(copied(item, arena));
    return made;
  }
  TreeNode tuple(std::initializer_list<TreeNode> items) {
    TreeNode made = tuple_node(arena);
    for (const TreeNode& item : items) made.as<TupleNode>()->items.push_back(copied(item, arena));
    return made;
  }
  TreeNode map(std::initializer_list<std::pair<const char*, TreeNode>> entries) {
    TreeNode made = map_node(arena);
    for (const auto& [key, value] : entries) set(made, key, copied(value, arena));
    return made;
  }
  TreeNode tensor(DType dtype, const Shape& shape, int fill = 0) {
    Tensor made = arena_tensor(dtype, shape, arena);
    std::memset(made.data(), fill, made.bytes());
    return {made};
  }
  TreeNode image(int width, int height) {
    static std::byte nothing = {};
    return {image::plain(
        {.data = &nothing, .height = height, .width = width, .row_bytes = 3 * width}, arena)};
  }
  TreeNode container(TreeNode data, bool stack, double value = 0.0, int pad_dims = 2,
                     bool cpu_only = false) {
    DataContainerNode made{TreeNodes(&arena)};
    made.data.push_back(std::move(data));
    made.stack = stack;
    made.padding_value = value;
    made.pad_dims = pad_dims;
    made.cpu_only = cpu_only;
    return {std::move(made)};
  }

  std::string stacked(const std::vector<TreeNode>& samples) {
    return shown(layout(DefaultCollate{}, samples, arena).batch);
  }
  std::string listed(const std::vector<TreeNode>& samples) {
    return shown(layout(PseudoCollate{}, samples, arena).batch);
  }
  // The batch's one tensor as the slot would hold it.
  template <class T>
  std::vector<T> numbers(const Layout& made, const Tensor& tensor) {
    std::vector<std::byte> slot(made.bytes());
    for (const Piece& piece : made.pieces()) {
      std::memcpy(slot.data() + piece.offset, piece.from, piece.bytes);
    }
    std::vector<T> values(static_cast<std::size_t>(tensor.elements()));
    std::memcpy(values.data(), slot.data() + tensor.offset, values.size() * sizeof(T));
    return values;
  }

  Arena arena;
};

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory_resource>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "pinfeed/core/arena.h"
#include "pinfeed/core/tensor.h"
#include "pinfeed/data/masks.h"
#include "pinfeed/image/expression/image_expr.h"

namespace pinfeed {

struct TreeNode;
using TreeNodes = std::pmr::vector<TreeNode>;
using Text = std::pmr::string;

/// What stands for Python's containers. Names of a mapping or a named tuple keep their order.
struct ListNode {
  TreeNodes items;
};
struct TupleNode {
  TreeNodes items;
};
struct MapNode {
  std::pmr::vector<Text> keys;
  TreeNodes values;
};
struct NamedTupleNode {
  Text type;
  std::pmr::vector<Text> keys;
  TreeNodes values;
};
/// mmcv 1.x's DataContainer (docs/specs/openmmlab-data.md, 1.4). `data` holds exactly one item.
struct DataContainerNode {
  TreeNodes data;
  bool stack = false;
  double padding_value = 0.0;
  bool cpu_only = false;
  int pad_dims = 2;  // 0 stands for None
};
/// An object that collates pass through whole, such as a DetDataSample: its type's name and parts.
struct ElementNode {
  Text type;
  std::pmr::vector<Text> keys;
  TreeNodes values;
};
struct NoneNode {};

/// What a collate sees, and what it makes: a tree. Everything lives in one arena. Strings are
/// kept whole; numbers are Python's int (int64), float (double) and bool.
struct TreeNode {
  std::variant<NoneNode, bool, std::int64_t, double, Text, Tensor, image::ImageExpr, ListNode,
               TupleNode, MapNode, NamedTupleNode, DataContainerNode, ElementNode, Masks>
      value;

  template <class T>
  const T* as() const {
    return std::get_if<T>(&value);
  }
  template <class T>
  T* as() {
    return std::get_if<T>(&value);
  }
  /// The value under `key` of a mapping, named tuple or element; null when absent.
  const TreeNode* find(std::string_view key) const;
  /// As errors name it: "dict", "list", "Tensor", "DetDataSample".
  std::string kind_name() const;
};

/// Builders, in an arena.
TreeNode text_node(std::string_view text, Arena& arena);
TreeNode list_node(Arena& arena);
TreeNode tuple_node(Arena& arena);
TreeNode map_node(Arena& arena);
TreeNode element_node(std::string_view type, Arena& arena);
/// Adds to a map, named tuple or element.
void set(TreeNode& owner, std::string_view key, TreeNode value);
/// A deep copy of the tree in the arena; tensors and images stay shared. Plain copies of an Item
/// would put its containers on the heap.
TreeNode copied(const TreeNode& item, Arena& arena);
/// A tensor whose bytes live in the arena (row-major, uninitialised).
Tensor arena_tensor(DType dtype, const Shape& shape, Arena& arena);

}  // namespace pinfeed

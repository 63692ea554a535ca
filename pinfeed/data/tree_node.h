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

/// The nodes for Python's containers. The keys of a dict or a named tuple keep their order.
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
  int pad_dims = 2;  // 0: None
};
/// An object that collate functions pass on as a whole, such as a DetDataSample: the name of its
/// type and its members.
struct ElementNode {
  Text type;
  std::pmr::vector<Text> keys;
  TreeNodes values;
};
struct NoneNode {};

/// The input and output of a collate function: a tree of containers, tensors, images and Python's
/// int (int64), float (double), bool, str and None. All memory is in one arena.
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
  /// The name of the type in errors: "dict", "list", "Tensor", "DetDataSample".
  std::string kind_name() const;
};

/// These functions make empty containers in an arena.
TreeNode text_node(std::string_view text, Arena& arena);
TreeNode list_node(Arena& arena);
TreeNode tuple_node(Arena& arena);
TreeNode map_node(Arena& arena);
TreeNode element_node(std::string_view type, Arena& arena);
/// Appends a member to a dict, named tuple or element.
void set(TreeNode& owner, std::string_view key, TreeNode value);
/// A deep copy of the tree in the arena. Tensors and images are shared. (The copy constructor of
/// TreeNode would put the containers on the heap.)
TreeNode copied(const TreeNode& item, Arena& arena);
/// A row-major tensor with uninitialised bytes in the arena.
Tensor arena_tensor(DType dtype, const Shape& shape, Arena& arena);

}  // namespace pinfeed

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

struct Item;
using Items = std::pmr::vector<Item>;
using Text = std::pmr::string;

/// What stands for Python's containers. Names of a mapping or a named tuple keep their order.
struct ListItem {
  Items items;
};
struct TupleItem {
  Items items;
};
struct MapItem {
  std::pmr::vector<Text> keys;
  Items values;
};
struct NamedTupleItem {
  Text type;
  std::pmr::vector<Text> keys;
  Items values;
};
/// mmcv 1.x's DataContainer (specs data 1.4). `data` holds exactly one item.
struct DataContainerItem {
  Items data;
  bool stack = false;
  double padding_value = 0.0;
  bool cpu_only = false;
  int pad_dims = 2;  // 0 stands for None
};
/// An object that collates pass through whole, such as a DetDataSample: its type's name and parts.
struct ElementItem {
  Text type;
  std::pmr::vector<Text> keys;
  Items values;
};
struct NoneItem {};

/// What a collate sees, and what it makes: a tree. Everything lives in one arena. Strings are
/// kept whole; numbers are Python's int (int64), float (double) and bool.
struct Item {
  std::variant<NoneItem, bool, std::int64_t, double, Text, Tensor, image::Picture, ListItem,
               TupleItem, MapItem, NamedTupleItem, DataContainerItem, ElementItem, Masks>
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
  const Item* find(std::string_view key) const;
  /// As errors name it: "dict", "list", "Tensor", "DetDataSample".
  std::string kind_name() const;
};

/// Builders, in an arena.
Item text_item(std::string_view text, Arena& arena);
Item list_item(Arena& arena);
Item tuple_item(Arena& arena);
Item map_item(Arena& arena);
Item element_item(std::string_view type, Arena& arena);
/// Adds to a map, named tuple or element.
void set(Item& owner, std::string_view key, Item value);
/// A deep copy of the tree in the arena; tensors and pictures stay shared. Plain copies of an Item
/// would put its containers on the heap.
Item copied(const Item& item, Arena& arena);
/// A tensor whose bytes live in the arena (row-major, uninitialised).
Tensor arena_tensor(DType dtype, const Shape& shape, Arena& arena);

}  // namespace pinfeed

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

inline std::string shown(const Item& item);

inline std::string shown(const Items& items) {
  std::string text;
  for (const Item& item : items) text += (text.empty() ? "" : ", ") + shown(item);
  return text;
}

inline std::string shown(const std::pmr::vector<Text>& keys, const Items& values) {
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
inline std::string shown(const Item& item) {
  if (const auto* text = item.as<Text>()) return "'" + std::string(*text) + "'";
  if (const auto* tensor = item.as<Tensor>()) return shown(*tensor);
  if (const auto* number = item.as<std::int64_t>()) return std::to_string(*number);
  if (const auto* list = item.as<ListItem>()) return "[" + shown(list->items) + "]";
  if (const auto* tuple = item.as<TupleItem>()) return "(" + shown(tuple->items) + ")";
  if (const auto* map = item.as<MapItem>()) return "{" + shown(map->keys, map->values) + "}";
  if (const auto* tuple = item.as<NamedTupleItem>()) {
    return std::string(tuple->type) + "(" + shown(tuple->keys, tuple->values) + ")";
  }
  if (const auto* element = item.as<ElementItem>()) {
    return std::string(element->type) + "(" + shown(element->keys, element->values) + ")";
  }
  if (const auto* container = item.as<DataContainerItem>()) {
    return "DataContainer(" + shown(container->data) + ")";
  }
  return item.kind_name();
}

class CollateTable : public testing::Test {
 protected:
  Item text(const char* value) { return text_item(value, arena); }
  Item whole(std::int64_t value) { return {value}; }
  Item real(double value) { return {value}; }
  Item list(std::initializer_list<Item> items) {
    Item made = list_item(arena);
    for (const Item& item : items) made.as<ListItem>()->items.push_back(copied(item, arena));
    return made;
  }
  Item tuple(std::initializer_list<Item> items) {
    Item made = tuple_item(arena);
    for (const Item& item : items) made.as<TupleItem>()->items.push_back(copied(item, arena));
    return made;
  }
  Item map(std::initializer_list<std::pair<const char*, Item>> entries) {
    Item made = map_item(arena);
    for (const auto& [key, value] : entries) set(made, key, copied(value, arena));
    return made;
  }
  Item tensor(DType dtype, const Shape& shape, int fill = 0) {
    Tensor made = arena_tensor(dtype, shape, arena);
    std::memset(made.data(), fill, made.bytes());
    return {made};
  }
  Item picture(int width, int height) {
    static std::byte nothing = {};
    return {image::plain(
        {.data = &nothing, .height = height, .width = width, .row_bytes = 3 * width}, arena)};
  }
  Item container(Item data, bool stack, double value = 0.0, int pad_dims = 2,
                 bool cpu_only = false) {
    DataContainerItem made{Items(&arena)};
    made.data.push_back(std::move(data));
    made.stack = stack;
    made.padding_value = value;
    made.pad_dims = pad_dims;
    made.cpu_only = cpu_only;
    return {std::move(made)};
  }

  std::string stacked(const std::vector<Item>& samples) {
    return shown(layout(DefaultCollate{}, samples, arena).batch);
  }
  std::string listed(const std::vector<Item>& samples) {
    return shown(layout(PseudoCollate{}, samples, arena).batch);
  }
  // The batch's one tensor as the seat would hold it.
  template <class T>
  std::vector<T> numbers(const Layout& made, const Tensor& tensor) {
    std::vector<std::byte> seat(made.bytes());
    for (const Piece& piece : made.pieces()) {
      std::memcpy(seat.data() + piece.offset, piece.from, piece.bytes);
    }
    std::vector<T> values(static_cast<std::size_t>(tensor.elements()));
    std::memcpy(values.data(), seat.data() + tensor.offset, values.size() * sizeof(T));
    return values;
  }

  Arena arena;
};

}  // namespace pinfeed

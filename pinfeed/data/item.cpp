// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/item.h"

#include <array>

namespace pinfeed {
namespace {

template <class Named>
const Item* find_in(const Named& named, std::string_view key) {
  for (std::size_t i = 0; i < named.keys.size(); ++i) {
    if (named.keys[i] == key) return &named.values[i];
  }
  return nullptr;
}

template <class Named>
void add_to(Named& named, std::string_view key, Item value) {
  named.keys.emplace_back(key);
  named.values.push_back(std::move(value));
}

}  // namespace

const Item* Item::find(std::string_view key) const {
  if (const auto* map = as<MapItem>()) return find_in(*map, key);
  if (const auto* tuple = as<NamedTupleItem>()) return find_in(*tuple, key);
  if (const auto* element = as<ElementItem>()) return find_in(*element, key);
  return nullptr;
}

std::string Item::kind_name() const {
  if (const auto* tuple = as<NamedTupleItem>()) return std::string(tuple->type);
  if (const auto* element = as<ElementItem>()) return std::string(element->type);
  static constexpr std::array<const char*, 13> names = {
      "NoneType", "bool",  "int",  "float",      "str",           "Tensor", "Picture",
      "list",     "tuple", "dict", "namedtuple", "DataContainer", "object"};
  return names[value.index()];
}

Item text_item(std::string_view text, Arena& arena) { return {Text(text, &arena)}; }
Item list_item(Arena& arena) { return {ListItem{Items(&arena)}}; }
Item tuple_item(Arena& arena) { return {TupleItem{Items(&arena)}}; }
Item map_item(Arena& arena) {
  return {MapItem{std::pmr::vector<Text>(&arena), Items(&arena)}};
}
Item element_item(std::string_view type, Arena& arena) {
  return {ElementItem{Text(type, &arena), std::pmr::vector<Text>(&arena), Items(&arena)}};
}

void set(Item& owner, std::string_view key, Item value) {
  if (auto* map = owner.as<MapItem>()) return add_to(*map, key, std::move(value));
  if (auto* tuple = owner.as<NamedTupleItem>()) return add_to(*tuple, key, std::move(value));
  if (auto* element = owner.as<ElementItem>()) add_to(*element, key, std::move(value));
}

Tensor arena_tensor(DType dtype, const Shape& shape, Arena& arena) {
  const std::size_t bytes = static_cast<std::size_t>(shape.elements()) * size_of(dtype);
  auto* memory = static_cast<std::byte*>(arena.allocate(bytes == 0 ? 1 : bytes, 64));
  // Aliasing an empty owner: the arena owns the bytes, the pointer only shows them.
  std::shared_ptr<std::byte> shown(std::shared_ptr<void>(), memory);
  return {dtype, shape, contiguous_strides(shape), {std::move(shown), bytes, MemoryPlace::pageable}, 0};
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/tree_node.h"

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
  if (const auto* masks = as<Masks>(); masks != nullptr && masks->polygons) return "PolygonMasks";
  static constexpr std::array<const char*, 14> names = {
      "NoneType", "bool",  "int",  "float",      "str",           "Tensor", "Picture",
      "list",     "tuple", "dict", "namedtuple", "DataContainer", "object", "BitmapMasks"};
  return names[value.index()];
}

Item text_item(std::string_view text, Arena& arena) { return {Text(text, &arena)}; }
Item list_item(Arena& arena) { return {ListItem{Items(&arena)}}; }
Item tuple_item(Arena& arena) { return {TupleItem{Items(&arena)}}; }
Item map_item(Arena& arena) { return {MapItem{std::pmr::vector<Text>(&arena), Items(&arena)}}; }
Item element_item(std::string_view type, Arena& arena) {
  return {ElementItem{Text(type, &arena), std::pmr::vector<Text>(&arena), Items(&arena)}};
}

void set(Item& owner, std::string_view key, Item value) {
  if (auto* map = owner.as<MapItem>()) return add_to(*map, key, std::move(value));
  if (auto* tuple = owner.as<NamedTupleItem>()) return add_to(*tuple, key, std::move(value));
  if (auto* element = owner.as<ElementItem>()) add_to(*element, key, std::move(value));
}

namespace {

// Rebuilds a tree, alternative by alternative, in an arena.
class Copier {
 public:
  explicit Copier(Arena& arena) : arena_(&arena) {}

  Item item(const Item& from) const { return std::visit(*this, from.value); }

  template <class Value>
  Item operator()(const Value& value) const {
    return {copy(value)};
  }

 private:
  template <class Plain>
  Plain copy(const Plain& value) const {
    return value;
  }
  Text copy(const Text& text) const { return {text, arena_}; }
  Items copy(const Items& items) const {
    Items made(arena_);
    made.reserve(items.size());
    for (const Item& one : items) made.push_back(item(one));
    return made;
  }
  std::pmr::vector<Text> copy(const std::pmr::vector<Text>& keys) const { return {keys, arena_}; }
  ListItem copy(const ListItem& list) const { return {copy(list.items)}; }
  TupleItem copy(const TupleItem& tuple) const { return {copy(tuple.items)}; }
  MapItem copy(const MapItem& map) const { return {copy(map.keys), copy(map.values)}; }
  NamedTupleItem copy(const NamedTupleItem& tuple) const {
    return {copy(tuple.type), copy(tuple.keys), copy(tuple.values)};
  }
  Masks copy(const Masks& masks) const { return {masks, *arena_}; }
  ElementItem copy(const ElementItem& element) const {
    return {copy(element.type), copy(element.keys), copy(element.values)};
  }
  DataContainerItem copy(const DataContainerItem& container) const {
    return {copy(container.data), container.stack, container.padding_value, container.cpu_only,
            container.pad_dims};
  }

  Arena* arena_;
};

}  // namespace

Item copied(const Item& item, Arena& arena) { return Copier(arena).item(item); }

Tensor arena_tensor(DType dtype, const Shape& shape, Arena& arena) {
  const std::size_t bytes = static_cast<std::size_t>(shape.elements()) * size_of(dtype);
  auto* memory = static_cast<std::byte*>(arena.allocate(bytes == 0 ? 1 : bytes, 64));
  // Aliasing an empty owner: the arena owns the bytes, the pointer only shows them.
  std::shared_ptr<std::byte> shown(std::shared_ptr<void>(), memory);
  return {
      dtype, shape, contiguous_strides(shape), {std::move(shown), bytes, MemoryPlace::pageable}, 0};
}

}  // namespace pinfeed

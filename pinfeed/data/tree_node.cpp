// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/tree_node.h"

#include <array>

#include "pinfeed/core/cache_line.h"

namespace pinfeed {
namespace {

template <class Named>
const TreeNode* find_in(const Named& named, std::string_view key) {
  for (std::size_t i = 0; i < named.keys.size(); ++i) {
    if (named.keys[i] == key) return &named.values[i];
  }
  return nullptr;
}

template <class Named>
void add_to(Named& named, std::string_view key, TreeNode value) {
  named.keys.emplace_back(key);
  named.values.push_back(std::move(value));
}

}  // namespace

const TreeNode* TreeNode::find(std::string_view key) const {
  if (const auto* map = as<MapNode>()) return find_in(*map, key);
  if (const auto* tuple = as<NamedTupleNode>()) return find_in(*tuple, key);
  if (const auto* element = as<ElementNode>()) return find_in(*element, key);
  return nullptr;
}

std::string TreeNode::kind_name() const {
  if (const auto* tuple = as<NamedTupleNode>()) return std::string(tuple->type);
  if (const auto* element = as<ElementNode>()) return std::string(element->type);
  if (const auto* masks = as<Masks>(); masks != nullptr && masks->polygons) return "PolygonMasks";
  static constexpr std::array<const char*, 14> names = {
      "NoneType", "bool",  "int",  "float",      "str",           "Tensor", "Image",
      "list",     "tuple", "dict", "namedtuple", "DataContainer", "object", "BitmapMasks"};
  return names[value.index()];
}

TreeNode text_node(std::string_view text, Arena& arena) { return {Text(text, &arena)}; }
TreeNode list_node(Arena& arena) { return {ListNode{TreeNodes(&arena)}}; }
TreeNode tuple_node(Arena& arena) { return {TupleNode{TreeNodes(&arena)}}; }
TreeNode map_node(Arena& arena) {
  return {MapNode{std::pmr::vector<Text>(&arena), TreeNodes(&arena)}};
}
TreeNode element_node(std::string_view type, Arena& arena) {
  return {ElementNode{Text(type, &arena), std::pmr::vector<Text>(&arena), TreeNodes(&arena)}};
}

void set(TreeNode& owner, std::string_view key, TreeNode value) {
  if (auto* map = owner.as<MapNode>()) return add_to(*map, key, std::move(value));
  if (auto* tuple = owner.as<NamedTupleNode>()) return add_to(*tuple, key, std::move(value));
  if (auto* element = owner.as<ElementNode>()) add_to(*element, key, std::move(value));
}

namespace {

// Copies a tree into an arena; one overload per type of node.
class Copier {
 public:
  explicit Copier(Arena& arena) : arena_(&arena) {}

  TreeNode item(const TreeNode& from) const { return std::visit(*this, from.value); }

  template <class Value>
  TreeNode operator()(const Value& value) const {
    return {copy(value)};
  }

 private:
  template <class Plain>
  Plain copy(const Plain& value) const {
    return value;
  }
  Text copy(const Text& text) const { return {text, arena_}; }
  TreeNodes copy(const TreeNodes& items) const {
    TreeNodes made(arena_);
    made.reserve(items.size());
    for (const TreeNode& one : items) made.push_back(item(one));
    return made;
  }
  std::pmr::vector<Text> copy(const std::pmr::vector<Text>& keys) const { return {keys, arena_}; }
  ListNode copy(const ListNode& list) const { return {copy(list.items)}; }
  TupleNode copy(const TupleNode& tuple) const { return {copy(tuple.items)}; }
  MapNode copy(const MapNode& map) const { return {copy(map.keys), copy(map.values)}; }
  NamedTupleNode copy(const NamedTupleNode& tuple) const {
    return {copy(tuple.type), copy(tuple.keys), copy(tuple.values)};
  }
  Masks copy(const Masks& masks) const { return {masks, *arena_}; }
  ElementNode copy(const ElementNode& element) const {
    return {copy(element.type), copy(element.keys), copy(element.values)};
  }
  DataContainerNode copy(const DataContainerNode& container) const {
    return {copy(container.data), container.stack, container.padding_value, container.cpu_only,
            container.pad_dims};
  }

  Arena* arena_;
};

}  // namespace

TreeNode copied(const TreeNode& item, Arena& arena) { return Copier(arena).item(item); }

Tensor arena_tensor(DType dtype, const Shape& shape, Arena& arena) {
  const std::size_t bytes = static_cast<std::size_t>(shape.elements()) * size_of(dtype);
  auto* memory = static_cast<std::byte*>(arena.allocate(bytes == 0 ? 1 : bytes, cache_line_bytes));
  // An aliasing pointer without owner: the arena owns the bytes.
  std::shared_ptr<std::byte> pointer(std::shared_ptr<void>(), memory);
  return {dtype,
          shape,
          contiguous_strides(shape),
          {std::move(pointer), bytes, MemoryKind::pageable},
          0};
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 1.2, 1.3.
#include "pinfeed/data/collates/map_tree.h"

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

const TreeNodes* sequence(const TreeNode& item) {
  if (const auto* list = item.as<ListNode>()) return &list->items;
  if (const auto* tuple = item.as<TupleNode>()) return &tuple->items;
  if (const auto* tuple = item.as<NamedTupleNode>()) return &tuple->values;
  return nullptr;
}

// The i-th items of sequences. All must be as long as the first.
void require_equal_lengths(const Column& column) {
  const std::size_t length = sequence(*column[0])->size();
  for (std::size_t k = 1; k < column.size(); ++k) {
    const TreeNodes* items = sequence(*column[k]);
    if (items == nullptr) throw_other_kind(column, k);
    if (items->size() == length) continue;
    throw Error(ErrorKind::data, "sample " + std::to_string(k) + " has " +
                                     std::to_string(items->size()) + " items where sample 0 has " +
                                     std::to_string(length));
  }
}

Column place_of(const Column& column, std::size_t i, Arena& arena) {
  Column items(&arena);
  items.reserve(column.size());
  for (const TreeNode* item : column) items.push_back(&(*sequence(*item))[i]);
  return items;
}

Column key_of(const Column& column, const Text& key, Arena& arena) {
  Column items(&arena);
  items.reserve(column.size());
  for (std::size_t k = 0; k < column.size(); ++k) {
    if (column[k]->as<MapNode>() == nullptr) throw_other_kind(column, k);
    items.push_back(column[k]->find(key));
    if (items.back() != nullptr) continue;
    throw Error(ErrorKind::data, "sample " + std::to_string(k) + " has no key '" +
                                     std::string(key) + "', which sample 0 has");
  }
  return items;
}

TreeNodes walked(const Column& column, const LeafFn& leaf, Arena& arena) {
  require_equal_lengths(column);
  TreeNodes items(&arena);
  const std::size_t length = sequence(*column[0])->size();
  items.reserve(length);
  for (std::size_t i = 0; i < length; ++i) {
    try {
      items.push_back(map_tree(place_of(column, i, arena), SequenceKind::tuple, leaf, arena));
    } catch (Error& error) {
      throw error.with_context(ActionContext{"collating [" + std::to_string(i) + "]"});
    }
  }
  return items;
}

TreeNode walked(const Column& column, const MapNode& first, const LeafFn& leaf, Arena& arena) {
  TreeNode map = map_node(arena);
  for (const Text& key : first.keys) {
    try {
      set(map, key, map_tree(key_of(column, key, arena), SequenceKind::list, leaf, arena));
    } catch (Error& error) {
      throw error.with_context(ActionContext{"collating '" + std::string(key) + "'"});
    }
  }
  return map;
}

}  // namespace

void throw_other_kind(const Column& column, std::size_t i) {
  throw Error(ErrorKind::data, "sample " + std::to_string(i) + " has " + column[i]->kind_name() +
                                   " where sample 0 has " + column[0]->kind_name());
}

TreeNode map_tree(const Column& column, SequenceKind held, const LeafFn& leaf, Arena& arena) {
  const TreeNode& first = *column[0];
  if (const auto* tuple = first.as<NamedTupleNode>()) {
    return {NamedTupleNode{
        Text(tuple->type, &arena), {tuple->keys, &arena}, walked(column, leaf, arena)}};
  }
  if (sequence(first) != nullptr) return {ListNode{walked(column, leaf, arena)}};
  if (const auto* map = first.as<MapNode>()) return walked(column, *map, leaf, arena);
  return leaf(column, held);
}

TreeNode map_tree(std::span<const TreeNode> samples, const LeafFn& leaf, Arena& arena) {
  if (samples.empty()) throw Error(ErrorKind::data, "a batch of no samples cannot be collated");
  Column column(&arena);
  column.reserve(samples.size());
  for (const TreeNode& sample : samples) column.push_back(&sample);
  return map_tree(column, SequenceKind::list, leaf, arena);
}

TreeNode as_it_is(const Column& column, SequenceKind held, Layout& layout) {
  TreeNodes items(&layout.arena());
  items.reserve(column.size());
  for (std::size_t i = 0; i < column.size(); ++i) items.push_back(placed(*column[i], i, layout));
  if (held == SequenceKind::tuple) return {TupleNode{std::move(items)}};
  return {ListNode{std::move(items)}};
}

namespace {

TreeNodes placed(const TreeNodes& from, std::size_t sample, Layout& layout) {
  TreeNodes items(&layout.arena());
  items.reserve(from.size());
  for (const TreeNode& item : from) items.push_back(placed(item, sample, layout));
  return items;
}

std::pmr::vector<Text> copied(const std::pmr::vector<Text>& keys, Arena& arena) {
  return {keys, &arena};
}

}  // namespace

TreeNode placed(const TreeNode& item, std::size_t sample, Layout& layout) {
  Arena& arena = layout.arena();
  if (const auto* tensor = item.as<Tensor>()) return {layout.place(*tensor)};
  if (const auto* image = item.as<image::ImageExpr>()) return {layout.place(*image, sample)};
  if (const auto* list = item.as<ListNode>())
    return {ListNode{placed(list->items, sample, layout)}};
  if (const auto* tuple = item.as<TupleNode>()) {
    return {TupleNode{placed(tuple->items, sample, layout)}};
  }
  if (const auto* map = item.as<MapNode>()) {
    return {MapNode{copied(map->keys, arena), placed(map->values, sample, layout)}};
  }
  if (const auto* element = item.as<ElementNode>()) {
    return {ElementNode{Text(element->type, &arena), copied(element->keys, arena),
                        placed(element->values, sample, layout)}};
  }
  if (const auto* tuple = item.as<NamedTupleNode>()) {
    return {NamedTupleNode{Text(tuple->type, &arena), copied(tuple->keys, arena),
                           placed(tuple->values, sample, layout)}};
  }
  if (const auto* container = item.as<DataContainerNode>()) {
    return {DataContainerNode{placed(container->data, sample, layout), container->stack,
                              container->padding_value, container->cpu_only, container->pad_dims}};
  }
  return pinfeed::copied(item, arena);
}

}  // namespace pinfeed

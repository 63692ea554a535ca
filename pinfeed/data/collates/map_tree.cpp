// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 1.2, 1.3.
//
// Collating transposes: a batch is a list of trees with the same structure, the result is one tree
// with that structure, whose leaves combine the leaves of all samples. All collates share the
// recursion in this file and differ only in the function that combines the leaves.
//
// The recursion goes down all trees at once. A Column has the nodes of all samples at the current
// position; the first one decides what the position is. A map gives one column for each of its
// keys, a sequence one for each of its items; anything else is a leaf. Columns hold pointers, so
// that nothing is copied on the way. Since the first sample decides, each difference is reported
// against it, and every level adds its key or index to the context of the error.
#include "pinfeed/data/collates/map_tree.h"

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

const TreeNodes* items_of(const TreeNode& node) {
  if (const auto* list = node.as<ListNode>()) return &list->items;
  if (const auto* tuple = node.as<TupleNode>()) return &tuple->items;
  if (const auto* tuple = node.as<NamedTupleNode>()) return &tuple->values;
  return nullptr;
}

void require_equal_lengths(const Column& column) {
  const std::size_t length = items_of(*column[0])->size();
  for (std::size_t k = 1; k < column.size(); ++k) {
    const TreeNodes* items = items_of(*column[k]);
    if (items == nullptr) throw_kind_mismatch(column, k);
    if (items->size() == length) continue;
    throw Error(ErrorKind::data, "sample " + std::to_string(k) + " has " +
                                     std::to_string(items->size()) + " items where sample 0 has " +
                                     std::to_string(length));
  }
}

Column column_at(const Column& sequences, std::size_t i, Arena& arena) {
  Column column(&arena);
  column.reserve(sequences.size());
  for (const TreeNode* sequence : sequences) column.push_back(&(*items_of(*sequence))[i]);
  return column;
}

Column column_of_key(const Column& maps, const Text& key, Arena& arena) {
  Column column(&arena);
  column.reserve(maps.size());
  for (std::size_t k = 0; k < maps.size(); ++k) {
    if (maps[k]->as<MapNode>() == nullptr) throw_kind_mismatch(maps, k);
    column.push_back(maps[k]->find(key));
    if (column.back() != nullptr) continue;
    throw Error(ErrorKind::data, "sample " + std::to_string(k) + " has no key '" +
                                     std::string(key) + "', which sample 0 has");
  }
  return column;
}

TreeNodes map_items(const Column& sequences, const LeafFn& leaf, Arena& arena) {
  require_equal_lengths(sequences);
  TreeNodes items(&arena);
  const std::size_t length = items_of(*sequences[0])->size();
  items.reserve(length);
  for (std::size_t i = 0; i < length; ++i) {
    try {
      items.push_back(map_tree(column_at(sequences, i, arena), SequenceKind::tuple, leaf, arena));
    } catch (Error& error) {
      throw error.with_context(ActionContext{"collating [" + std::to_string(i) + "]"});
    }
  }
  return items;
}

TreeNode map_values(const Column& maps, const MapNode& first, const LeafFn& leaf, Arena& arena) {
  TreeNode result = map_node(arena);
  for (const Text& key : first.keys) {
    try {
      set(result, key, map_tree(column_of_key(maps, key, arena), SequenceKind::list, leaf, arena));
    } catch (Error& error) {
      throw error.with_context(ActionContext{"collating '" + std::string(key) + "'"});
    }
  }
  return result;
}

TreeNodes add_all_to_layout(const TreeNodes& nodes, std::size_t sample, Layout& layout) {
  TreeNodes items(&layout.arena());
  items.reserve(nodes.size());
  for (const TreeNode& node : nodes) items.push_back(add_to_layout(node, sample, layout));
  return items;
}

std::pmr::vector<Text> keys_in(const std::pmr::vector<Text>& keys, Arena& arena) {
  return {keys, &arena};
}

}  // namespace

void throw_kind_mismatch(const Column& column, std::size_t i) {
  throw Error(ErrorKind::data, "sample " + std::to_string(i) + " has " + column[i]->kind_name() +
                                   " where sample 0 has " + column[0]->kind_name());
}

TreeNode map_tree(const Column& column, SequenceKind kind, const LeafFn& leaf, Arena& arena) {
  const TreeNode& first = *column[0];
  if (const auto* tuple = first.as<NamedTupleNode>()) {
    return {NamedTupleNode{Text(tuple->type, &arena), keys_in(tuple->keys, arena),
                           map_items(column, leaf, arena)}};
  }
  if (items_of(first) != nullptr) return {ListNode{map_items(column, leaf, arena)}};
  if (const auto* map = first.as<MapNode>()) return map_values(column, *map, leaf, arena);
  return leaf(column, kind);
}

TreeNode map_tree(std::span<const TreeNode> samples, const LeafFn& leaf, Arena& arena) {
  if (samples.empty()) throw Error(ErrorKind::data, "a batch of no samples cannot be collated");
  Column column(&arena);
  column.reserve(samples.size());
  for (const TreeNode& sample : samples) column.push_back(&sample);
  return map_tree(column, SequenceKind::list, leaf, arena);
}

TreeNode as_sequence(const Column& column, SequenceKind kind, Layout& layout) {
  TreeNodes items(&layout.arena());
  items.reserve(column.size());
  for (std::size_t i = 0; i < column.size(); ++i) {
    items.push_back(add_to_layout(*column[i], i, layout));
  }
  if (kind == SequenceKind::tuple) return {TupleNode{std::move(items)}};
  return {ListNode{std::move(items)}};
}

TreeNode add_to_layout(const TreeNode& node, std::size_t sample, Layout& layout) {
  Arena& arena = layout.arena();
  const auto all = [&](const TreeNodes& nodes) { return add_all_to_layout(nodes, sample, layout); };
  if (const auto* tensor = node.as<Tensor>()) return {layout.place(*tensor)};
  if (const auto* image = node.as<image::ImageExpr>()) return {layout.place(*image, sample)};
  if (const auto* list = node.as<ListNode>()) return {ListNode{all(list->items)}};
  if (const auto* tuple = node.as<TupleNode>()) return {TupleNode{all(tuple->items)}};
  if (const auto* map = node.as<MapNode>()) {
    return {MapNode{keys_in(map->keys, arena), all(map->values)}};
  }
  if (const auto* element = node.as<ElementNode>()) {
    return {ElementNode{Text(element->type, &arena), keys_in(element->keys, arena),
                        all(element->values)}};
  }
  if (const auto* tuple = node.as<NamedTupleNode>()) {
    return {
        NamedTupleNode{Text(tuple->type, &arena), keys_in(tuple->keys, arena), all(tuple->values)}};
  }
  if (const auto* container = node.as<DataContainerNode>()) {
    return {DataContainerNode{all(container->data), container->stack, container->padding_value,
                              container->cpu_only, container->pad_dims}};
  }
  return copied(node, arena);
}

}  // namespace pinfeed

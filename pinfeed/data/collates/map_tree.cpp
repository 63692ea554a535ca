// SPDX-License-Identifier: Apache-2.0
// Source of the rules: specs data 1.2, 1.3.
#include "pinfeed/data/collates/map_tree.h"

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

const Items* sequence(const Item& item) {
  if (const auto* list = item.as<ListItem>()) return &list->items;
  if (const auto* tuple = item.as<TupleItem>()) return &tuple->items;
  if (const auto* tuple = item.as<NamedTupleItem>()) return &tuple->values;
  return nullptr;
}

// The i-th items of sequences. All must be as long as the first.
void require_equal_lengths(const Column& column) {
  const std::size_t length = sequence(*column[0])->size();
  for (std::size_t k = 1; k < column.size(); ++k) {
    const Items* items = sequence(*column[k]);
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
  for (const Item* item : column) items.push_back(&(*sequence(*item))[i]);
  return items;
}

Column key_of(const Column& column, const Text& key, Arena& arena) {
  Column items(&arena);
  items.reserve(column.size());
  for (std::size_t k = 0; k < column.size(); ++k) {
    if (column[k]->as<MapItem>() == nullptr) throw_other_kind(column, k);
    items.push_back(column[k]->find(key));
    if (items.back() != nullptr) continue;
    throw Error(ErrorKind::data, "sample " + std::to_string(k) + " has no key '" +
                                     std::string(key) + "', which sample 0 has");
  }
  return items;
}

Items walked(const Column& column, const Leaf& leaf, Arena& arena) {
  require_equal_lengths(column);
  Items items(&arena);
  const std::size_t length = sequence(*column[0])->size();
  items.reserve(length);
  for (std::size_t i = 0; i < length; ++i) {
    try {
      items.push_back(walk(place_of(column, i, arena), Held::tuple, leaf, arena));
    } catch (Error& error) {
      throw error.along("collating [" + std::to_string(i) + "]");
    }
  }
  return items;
}

Item walked(const Column& column, const MapItem& first, const Leaf& leaf, Arena& arena) {
  Item map = map_item(arena);
  for (const Text& key : first.keys) {
    try {
      set(map, key, walk(key_of(column, key, arena), Held::list, leaf, arena));
    } catch (Error& error) {
      throw error.along("collating '" + std::string(key) + "'");
    }
  }
  return map;
}

}  // namespace

void throw_other_kind(const Column& column, std::size_t i) {
  throw Error(ErrorKind::data, "sample " + std::to_string(i) + " has " + column[i]->kind_name() +
                                   " where sample 0 has " + column[0]->kind_name());
}

Item walk(const Column& column, Held held, const Leaf& leaf, Arena& arena) {
  const Item& first = *column[0];
  if (const auto* tuple = first.as<NamedTupleItem>()) {
    return {NamedTupleItem{
        Text(tuple->type, &arena), {tuple->keys, &arena}, walked(column, leaf, arena)}};
  }
  if (sequence(first) != nullptr) return {ListItem{walked(column, leaf, arena)}};
  if (const auto* map = first.as<MapItem>()) return walked(column, *map, leaf, arena);
  return leaf(column, held);
}

Item walk(std::span<const Item> samples, const Leaf& leaf, Arena& arena) {
  if (samples.empty()) throw Error(ErrorKind::data, "a batch of no samples cannot be collated");
  Column column(&arena);
  column.reserve(samples.size());
  for (const Item& sample : samples) column.push_back(&sample);
  return walk(column, Held::list, leaf, arena);
}

Item as_it_is(const Column& column, Held held, Layout& layout) {
  Items items(&layout.arena());
  items.reserve(column.size());
  for (std::size_t i = 0; i < column.size(); ++i) items.push_back(placed(*column[i], i, layout));
  if (held == Held::tuple) return {TupleItem{std::move(items)}};
  return {ListItem{std::move(items)}};
}

namespace {

Items placed(const Items& from, std::size_t sample, Layout& layout) {
  Items items(&layout.arena());
  items.reserve(from.size());
  for (const Item& item : from) items.push_back(placed(item, sample, layout));
  return items;
}

std::pmr::vector<Text> copied(const std::pmr::vector<Text>& keys, Arena& arena) {
  return {keys, &arena};
}

}  // namespace

Item placed(const Item& item, std::size_t sample, Layout& layout) {
  Arena& arena = layout.arena();
  if (const auto* tensor = item.as<Tensor>()) return {layout.place(*tensor)};
  if (const auto* picture = item.as<image::Picture>()) return {layout.place(*picture, sample)};
  if (const auto* list = item.as<ListItem>())
    return {ListItem{placed(list->items, sample, layout)}};
  if (const auto* tuple = item.as<TupleItem>()) {
    return {TupleItem{placed(tuple->items, sample, layout)}};
  }
  if (const auto* map = item.as<MapItem>()) {
    return {MapItem{copied(map->keys, arena), placed(map->values, sample, layout)}};
  }
  if (const auto* element = item.as<ElementItem>()) {
    return {ElementItem{Text(element->type, &arena), copied(element->keys, arena),
                        placed(element->values, sample, layout)}};
  }
  if (const auto* tuple = item.as<NamedTupleItem>()) {
    return {NamedTupleItem{Text(tuple->type, &arena), copied(tuple->keys, arena),
                           placed(tuple->values, sample, layout)}};
  }
  if (const auto* container = item.as<DataContainerItem>()) {
    return {DataContainerItem{placed(container->data, sample, layout), container->stack,
                              container->padding_value, container->cpu_only, container->pad_dims}};
  }
  return pinfeed::copied(item, arena);
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.16.
#include "pinfeed/data/transforms/meta.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "pinfeed/core/record_id.h"
#include "pinfeed/data/option_names.h"

namespace pinfeed {
namespace {

TreeNode integer(std::int64_t number) { return {number}; }

TreeNode shape_item(Size size, Arena& arena) {
  TreeNode shape = tuple_node(arena);
  TreeNodes& items = shape.as<TupleNode>()->items;
  items.reserve(2);
  items.push_back(integer(size.height));
  items.push_back(integer(size.width));
  return shape;
}

TreeNode scale_item(const std::pair<double, double>& factor, Arena& arena) {
  TreeNode scale = tuple_node(arena);
  TreeNodes& items = scale.as<TupleNode>()->items;
  items.reserve(2);
  items.push_back({factor.first});
  items.push_back({factor.second});
  return scale;
}

TreeNode id_item(const Sample& sample) {
  return is_reserved_id(sample.img_id) ? text_node(sample.img_id_text, *sample.arena)
                                       : integer(sample.img_id);
}

std::string_view name_of_direction(image::FlipDirection direction) {
  for (const auto& [name, value] : EnumNames<image::FlipDirection>::all) {
    if (value == direction) return name;
  }
  return {};
}

TreeNode direction_item(const Sample& sample) {
  return sample.flip ? text_node(name_of_direction(*sample.flip), *sample.arena) : TreeNode{};
}

TreeNode channels_item(std::span<const float> channels, Arena& arena) {
  TreeNode list = list_node(arena);
  for (const float channel : channels) {
    list.as<ListNode>()->items.push_back({static_cast<double>(channel)});
  }
  return list;
}

TreeNode normalization_item(const image::Normalization& normalization, Arena& arena) {
  TreeNode map = map_node(arena);
  set(map, "mean", channels_item(normalization.mean, arena));
  set(map, "std", channels_item(normalization.std, arena));
  set(map, "to_rgb", {normalization.to_rgb});
  return map;
}

struct Entry {
  std::string_view key;
  bool (*present)(const Sample&);
  TreeNode (*value)(const Sample&);
};

bool always(const Sample&) { return true; }
bool has_id(const Sample& sample) { return sample.has_img_id; }
bool has_image(const Sample& sample) { return sample.fields.has(Field::image); }
bool has_scale(const Sample& sample) { return sample.scale_factor.has_value(); }
bool has_flip(const Sample& sample) { return sample.flip_known; }
bool has_normalization(const Sample& sample) { return sample.normalization.has_value(); }

constexpr std::array<Entry, 11> known = {{
    {"sample_idx", always, [](const Sample& s) { return integer(s.index); }},
    {"img_id", has_id, id_item},
    {"img_path", always, [](const Sample& s) { return text_node(s.img_path, *s.arena); }},
    {"height", always, [](const Sample& s) { return integer(s.annotated.height); }},
    {"width", always, [](const Sample& s) { return integer(s.annotated.width); }},
    {"ori_shape", has_image, [](const Sample& s) { return shape_item(s.ori_shape, *s.arena); }},
    {"img_shape", has_image, [](const Sample& s) { return shape_item(s.img_shape, *s.arena); }},
    {"scale_factor", has_scale,
     [](const Sample& s) { return scale_item(*s.scale_factor, *s.arena); }},
    {"flip", has_flip, [](const Sample& s) { return TreeNode{s.flip.has_value()}; }},
    {"flip_direction", has_flip, direction_item},
    {"img_norm_cfg", has_normalization,
     [](const Sample& s) { return normalization_item(*s.normalization, *s.arena); }},
}};

constexpr std::array<std::string_view, 7> unsupported = {
    "homography_matrix", "pad_shape", "pad_fixed_size", "pad_size_divisor", "scale",
    "scale_idx",         "keep_ratio"};

}  // namespace

TreeNode meta_of(const Sample& sample, const std::vector<std::string>& keys) {
  TreeNode meta = map_node(*sample.arena);
  for (const std::string& key : keys) {
    const auto entry =
        std::find_if(known.begin(), known.end(), [&](const Entry& one) { return one.key == key; });
    if (entry != known.end()) {
      if (entry->present(sample)) set(meta, key, entry->value(sample));
    } else if (const TreeNode* field = sample.extra.find(key)) {
      set(meta, key, copied(*field, *sample.arena));
    }
  }
  return meta;
}

void check_meta_keys(const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    if (std::find(unsupported.begin(), unsupported.end(), key) == unsupported.end()) continue;
    throw Error(ErrorKind::config, "meta_keys names '" + key + "', which is not supported yet");
  }
}

}  // namespace pinfeed

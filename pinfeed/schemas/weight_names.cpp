// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 5.2; mmpretrain's MAEViT and
// MAEPretrainDecoder; the SimpleFeaturePyramid of detectron2.
//
// The tables below are read in both directions: from upstream's names to pinfeed's when weights are
// loaded, and from pinfeed's to upstream's when custom_keys are matched or tensors are renamed.
#include "pinfeed/schemas/weight_names.h"

#include <array>
#include <string_view>

namespace pinfeed {
namespace {

struct NamePair {
  std::string_view theirs;  // mmpretrain's or detectron2's
  std::string_view ours;    // MAE's or mmdet's
};

// How names begin, behind "backbone." in mmpretrain.
constexpr std::array<NamePair, 3> encoder_starts = {
    {{"patch_embed.projection.", "patch_embed.proj."}, {"layers.", "blocks."}, {"ln1.", "norm."}}};
// How names begin, behind "neck." in mmpretrain.
constexpr std::array<NamePair, 1> decoder_starts = {{{"ln1.", "decoder_norm."}}};
// How they go on behind "blocks.3." or "decoder_blocks.3.".
constexpr std::array<NamePair, 4> block_parts = {{{"ln1.", "norm1."},
                                                  {"ln2.", "norm2."},
                                                  {"ffn.layers.0.0.", "mlp.fc1."},
                                                  {"ffn.layers.1.", "mlp.fc2."}}};
// How names of a simple feature pyramid begin in detectron2 and in mmdet.
constexpr std::array<NamePair, 20> pyramid_starts = {
    {{"backbone.simfp_2.0.", "neck.fpn1.0."},
     {"backbone.simfp_2.1.", "neck.fpn1.1."},
     {"backbone.simfp_2.3.", "neck.fpn1.3."},
     {"backbone.simfp_3.0.", "neck.fpn2.0."},
     {"backbone.simfp_2.4.norm.", "neck.lateral_convs.0.norm_layer."},
     {"backbone.simfp_2.4.", "neck.lateral_convs.0.conv."},
     {"backbone.simfp_2.5.norm.", "neck.fpn_convs.0.norm_layer."},
     {"backbone.simfp_2.5.", "neck.fpn_convs.0.conv."},
     {"backbone.simfp_3.1.norm.", "neck.lateral_convs.1.norm_layer."},
     {"backbone.simfp_3.1.", "neck.lateral_convs.1.conv."},
     {"backbone.simfp_3.2.norm.", "neck.fpn_convs.1.norm_layer."},
     {"backbone.simfp_3.2.", "neck.fpn_convs.1.conv."},
     {"backbone.simfp_4.0.norm.", "neck.lateral_convs.2.norm_layer."},
     {"backbone.simfp_4.0.", "neck.lateral_convs.2.conv."},
     {"backbone.simfp_4.1.norm.", "neck.fpn_convs.2.norm_layer."},
     {"backbone.simfp_4.1.", "neck.fpn_convs.2.conv."},
     {"backbone.simfp_5.1.norm.", "neck.lateral_convs.3.norm_layer."},
     {"backbone.simfp_5.1.", "neck.lateral_convs.3.conv."},
     {"backbone.simfp_5.2.norm.", "neck.fpn_convs.3.norm_layer."},
     {"backbone.simfp_5.2.", "neck.fpn_convs.3.conv."}}};

struct NamedLayout {
  std::string_view name;
  NameLayout layout;
};
constexpr std::array<NamedLayout, 5> named_layouts = {{{"mae", NameLayout::mae},
                                                       {"mmpretrain", NameLayout::mmpretrain},
                                                       {"mmdet", NameLayout::mmdet},
                                                       {"detectron2", NameLayout::detectron2},
                                                       {"timm", NameLayout::timm}}};

using NameSide = std::string_view NamePair::*;

// Replaces the text at `at` by the other side of the first pair that it begins with.
template <class Pairs>
void replace_at(std::string& name, std::size_t at, const Pairs& pairs, NameSide from, NameSide to) {
  for (const NamePair& pair : pairs) {
    if (!std::string_view(name).substr(at).starts_with(pair.*from)) continue;
    name.replace(at, (pair.*from).size(), pair.*to);
    return;
  }
}

// Where the name goes on behind "blocks.3." or "decoder_blocks.3."; npos for other names.
std::size_t inside_block(const std::string& name) {
  for (const std::string_view stack : {"blocks.", "decoder_blocks."}) {
    if (!name.starts_with(stack)) continue;
    const std::size_t dot = name.find('.', stack.size());
    return dot == std::string::npos ? dot : dot + 1;
  }
  return std::string::npos;
}

void replace_in_block(std::string& name, NameSide from, NameSide to) {
  const std::size_t at = inside_block(name);
  if (at != std::string::npos) replace_at(name, at, block_parts, from, to);
}

bool remove_prefix(std::string& name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return false;
  name.erase(0, prefix.size());
  return true;
}

bool of_decoder(const std::string& name) {
  return name.starts_with("decoder_") || name == "mask_token";
}

// The name in MAE's checkpoints, without "backbone." or "neck.".
std::string original_name(std::string name) {
  std::string inner = name;
  if (remove_prefix(inner, "neck.")) {
    replace_at(inner, 0, decoder_starts, &NamePair::theirs, &NamePair::ours);
    if (!of_decoder(inner)) return name;  // the neck of a detector
    name = inner;
  } else {
    if (remove_prefix(name, "backbone.")) remove_prefix(name, "net.");
    replace_at(name, 0, encoder_starts, &NamePair::theirs, &NamePair::ours);
  }
  replace_in_block(name, &NamePair::theirs, &NamePair::ours);
  return name;
}

std::string without_wrappers(std::string name) {
  while (remove_prefix(name, "module.") || remove_prefix(name, "model.")) continue;
  return name;
}

bool of_pyramid(const std::string& name) {
  for (const NamePair& pair : pyramid_starts) {
    if (name.starts_with(pair.ours)) return true;
  }
  return false;
}

bool of_encoder(const std::string& name) {
  for (const std::string_view part :
       {"cls_token", "pos_embed", "patch_embed.proj.", "blocks.", "norm."}) {
    if (name.starts_with(part)) return true;
  }
  return false;
}

// A detector's ViT has neither a class token nor a last normalisation, others have no tables of
// relative positions.
bool in_layout(NameLayout layout, const std::string& original) {
  const bool relative = original.find(".rel_pos_") != std::string::npos;
  if (layout == NameLayout::mmdet || layout == NameLayout::detectron2)
    return original != "cls_token" && !original.starts_with("norm.");
  return !relative;
}

}  // namespace

std::vector<std::string> possible_names(const std::string& stored) {
  std::string bare = without_wrappers(stored);
  const std::string original = original_name(bare);
  replace_at(bare, 0, pyramid_starts, &NamePair::theirs, &NamePair::ours);
  return {stored, bare, "backbone." + original, original};
}

std::optional<NameLayout> name_layout(const std::string& text) {
  for (const NamedLayout& entry : named_layouts) {
    if (entry.name == text) return entry.layout;
  }
  return std::nullopt;
}

std::vector<std::string> name_layouts() {
  std::vector<std::string> names;
  for (const NamedLayout& entry : named_layouts) names.emplace_back(entry.name);
  return names;
}

std::optional<std::string> name_in(NameLayout layout, const std::string& stored) {
  std::string bare = without_wrappers(stored);
  replace_at(bare, 0, pyramid_starts, &NamePair::theirs, &NamePair::ours);
  if (of_pyramid(bare)) {
    if (layout == NameLayout::detectron2)
      replace_at(bare, 0, pyramid_starts, &NamePair::ours, &NamePair::theirs);
    const bool has = layout == NameLayout::mmdet || layout == NameLayout::detectron2;
    return has ? std::optional(bare) : std::nullopt;
  }
  const std::string original = original_name(bare);
  if (of_decoder(original)) {
    if (layout == NameLayout::mae) return original;
    if (layout == NameLayout::mmpretrain) return mmpretrain_name(original);
    return std::nullopt;
  }
  if (!of_encoder(original) || !in_layout(layout, original)) return std::nullopt;
  if (layout == NameLayout::mmpretrain) return mmpretrain_name(original);
  if (layout == NameLayout::mmdet) return "backbone." + original;
  return layout == NameLayout::detectron2 ? "backbone.net." + original : original;
}

std::string mmpretrain_name(std::string parameter) {
  replace_in_block(parameter, &NamePair::ours, &NamePair::theirs);
  if (of_decoder(parameter)) {
    replace_at(parameter, 0, decoder_starts, &NamePair::ours, &NamePair::theirs);
    return "neck." + parameter;
  }
  replace_at(parameter, 0, encoder_starts, &NamePair::ours, &NamePair::theirs);
  return "backbone." + parameter;
}

}  // namespace pinfeed

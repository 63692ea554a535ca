// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 5.2; mmpretrain's MAEViT and
// MAEPretrainDecoder.
//
// The tables below are read in both directions: from upstream's names to pinfeed's when weights are
// loaded, and from pinfeed's to upstream's when custom_keys are matched.
#include "pinfeed/models/names.h"

#include <array>
#include <string_view>

namespace pinfeed {
namespace {

struct NamePair {
  std::string_view theirs;  // mmpretrain's
  std::string_view ours;    // MAE's
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

}  // namespace

std::vector<std::string> possible_names(const std::string& stored) {
  std::string bare = stored;
  while (remove_prefix(bare, "module.") || remove_prefix(bare, "model.")) continue;
  const std::string original = original_name(bare);
  return {stored, bare, "backbone." + original, original};
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

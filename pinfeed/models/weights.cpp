// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 5.2 and 5.3.
//
// How names are matched. A file may come from MAE, mmpretrain, mmdet, detectron2 or from pinfeed,
// and each of them names the tensors of a ViT differently. For each stored name, possible_names()
// lists the names that the tensor may have in the model, most literal first:
//   1. the stored name;
//   2. without the prefixes "module." and "model." that wrappers add;
//   3. translated to MAE's names: layers.0.ln1 -> blocks.0.norm1, ffn.layers.1 -> mlp.fc2, ...;
//   4. that name with "backbone." added (an encoder's file into a detector);
//   5. that name with "backbone." removed (a detector's file into a backbone).
// The tensor is loaded into the first of these that the model has and that is not loaded yet. A
// literal match comes first, so a file that the same model wrote needs no translation.
#include "pinfeed/models/weights.h"

#include <fmt/format.h>

#include <array>
#include <cctype>

#include "pinfeed/core/error.h"
#include "pinfeed/formats/safetensors.h"
#include "pinfeed/models/torch_tensor.h"
#include "pinfeed/schemas/checkpoint_names.h"

namespace pinfeed {
namespace {

// Removes `prefix` from the start of `name`; false when it is not there.
bool remove_prefix(std::string& name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return false;
  name.erase(0, prefix.size());
  return true;
}

void replace(std::string& name, std::string_view from, std::string_view to) {
  const std::size_t at = name.find(from);
  if (at != std::string::npos) name.replace(at, from.size(), to);
}

// The name in MAE's checkpoints for a name of mmpretrain or detectron2.
std::string original_name(std::string name) {
  replace(name, "patch_embed.projection.", "patch_embed.proj.");
  replace(name, "backbone.net.", "backbone.");
  if (name.find("layers.") == std::string::npos) return name;
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> replacements = {
      {{".ln1.", ".norm1."},
       {".ln2.", ".norm2."},
       {".ffn.layers.0.0.", ".mlp.fc1."},
       {".ffn.layers.1.", ".mlp.fc2."},
       {"backbone.layers.", "backbone.blocks."},
       {"layers.", "blocks."}}};
  for (const auto& [theirs, ours] : replacements) {
    if (theirs == "layers." && !name.starts_with("layers.")) continue;
    replace(name, theirs, ours);
  }
  return name;
}

std::vector<std::string> possible_names(const std::string& stored) {
  std::string bare = stored;
  while (remove_prefix(bare, "module.") || remove_prefix(bare, "model.")) continue;
  const std::string original = original_name(bare);
  std::vector<std::string> names = {stored, bare, original, "backbone." + original};
  std::string inner = original;
  if (remove_prefix(inner, "backbone.")) names.push_back(inner);
  return names;
}

// True for parts of a masked autoencoder that a detector does not have.
bool only_for_pretraining(const std::string& stored) {
  std::string name = possible_names(stored)[2];
  remove_prefix(name, "backbone.");
  for (const std::string_view part : {"cls_token", "mask_token", "decoder_", "norm.", "neck."}) {
    if (name.starts_with(part)) return true;
  }
  return false;
}

Error other_model(const std::string& path, const std::string& why) {
  return Error(ErrorKind::data, "cannot load " + path + ": it belongs to another model: " + why);
}

void copy_into(const std::string& name, torch::Tensor& ours, const torch::Tensor& stored,
               const std::string& path) {
  if (ours.sizes() != stored.sizes()) {
    throw other_model(path, fmt::format("'{}' is {} in the file and {} in the model", name,
                                        shape_text(stored), shape_text(ours)));
  }
  const torch::NoGradGuard no_gradients;
  ours.copy_(stored);
}

std::string convert_command(const std::string& file) {
  return "safetensors.torch.save_file(torch.load('" + file + "', weights_only=True)['model'], '" +
         file.substr(0, file.rfind('.')) + ".safetensors')";
}

bool is_pth(const std::string& path) { return path.ends_with(".pth") || path.ends_with(".pt"); }

// Throws for URLs and for formats that are not read.
void require_readable(const std::string& path) {
  if (path.find("://") != std::string::npos) {
    const std::string file = path.substr(path.rfind('/') + 1);
    throw Error(ErrorKind::config, "cannot load " + path + ": pinfeed downloads nothing")
        .help("fetch it with `curl -LO " + path + "`" +
              (is_pth(file)
                   ? ", turn it in Python into .safetensors, `" + convert_command(file) + "`,"
                   : std::string()) +
              " and give the path of that");
  }
  if (!is_pth(path)) return;
  throw Error(ErrorKind::config,
              "cannot load " + path + ": pinfeed reads .safetensors, not yet .pth")
      .help("in Python: " + convert_command(path));
}

std::string first_of(const std::vector<std::string>& names) {
  constexpr std::size_t limit = 8;
  const std::vector<std::string> some(
      names.begin(), names.begin() + std::ptrdiff_t(std::min(limit, names.size())));
  return joined(some) + (names.size() > limit ? ", ..." : "");
}

}  // namespace

std::string shape_text(const torch::Tensor& tensor) {
  Shape shape;
  for (const std::int64_t size : tensor.sizes()) shape.push_back(size);
  return to_string(shape);
}

Tensors named_tensors(const torch::nn::Module& module) {
  Tensors all;
  for (const auto& item : module.named_parameters()) {
    if (item.value().defined()) all[item.key()] = item.value();
  }
  for (const auto& item : module.named_buffers()) {
    if (item.value().defined()) all[item.key()] = item.value();
  }
  return all;
}

WeightsReport load_weights(torch::nn::Module& module, const std::string& path) {
  require_readable(path);
  const SafetensorsFile file = read_safetensors(path);
  Tensors ours = named_tensors(module);
  WeightsReport report;
  Tensors remaining = ours;  // of the model, not found yet
  for (const auto& [stored, tensor] : file.tensors) {
    if (is_training_state(stored)) continue;
    auto match = remaining.end();
    for (const std::string& name : possible_names(stored)) {
      if (match == remaining.end()) match = remaining.find(name);
    }
    if (match == remaining.end()) {
      auto& ignored = only_for_pretraining(stored) ? report.dropped : report.unexpected;
      ignored.push_back(stored);
      continue;
    }
    copy_into(match->first, match->second, to_torch(tensor), path);
    remaining.erase(match);
    ++report.loaded;
  }
  for (const auto& [name, tensor] : remaining) report.missing.push_back(name);
  if (report.loaded > 0) return report;
  throw other_model(path, file.tensors.empty()
                              ? std::string("it has no tensors")
                              : fmt::format("none of its {} tensors has a name of this model",
                                            file.tensors.size()))
      .help("its first tensors are " +
            first_of(report.unexpected.empty() ? report.dropped : report.unexpected));
}

std::string load_named(torch::nn::Module& module, const WrittenPath& file) {
  try {
    return summary(load_weights(module, file.text), file.text);
  } catch (Error& error) {
    throw error.at(file.span).inside(file.config_path);
  }
}

std::string summary(const WeightsReport& report, const std::string& path) {
  std::string text = fmt::format("loaded {} tensors of {}", report.loaded, path);
  if (!report.missing.empty()) {
    text += fmt::format("; {} of the model are not in it: {}", report.missing.size(),
                        first_of(report.missing));
  }
  if (!report.unexpected.empty()) {
    text += fmt::format("; {} of the file are not in the model: {}", report.unexpected.size(),
                        first_of(report.unexpected));
  }
  if (!report.dropped.empty()) {
    text += fmt::format("; {} serve pre-training only: {}", report.dropped.size(),
                        first_of(report.dropped));
  }
  return text;
}

}  // namespace pinfeed

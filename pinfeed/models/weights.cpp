// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 5.2 and 5.3.
//
// How names are matched. A file may come from MAE, mmpretrain, mmdet, detectron2 or from pinfeed,
// and each of them names the tensors of a ViT differently. possible_names()
// (schemas/weight_names.h) lists the names that a stored tensor may have in the model, most literal
// first. The tensor is loaded into the first of these that the model has and that is not loaded
// yet. A literal match comes first, so a file that the same model wrote needs no translation.
//
// A tensor of another shape is not loaded, as in mmengine: a detector of 80 classes starts one of
// 5 classes, whose last layer keeps its initial weights. Positions are resized where upstream does
// that. A position embedding that cannot be resized is an error that names the key to set: a model
// that keeps random ones trains, but badly.
#include "pinfeed/models/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "pinfeed/core/error.h"
#include "pinfeed/formats/weights/weights_file.h"
#include "pinfeed/formats/weights/weights_folder.h"
#include "pinfeed/models/copy_stored.h"
#include "pinfeed/models/resize_weights.h"
#include "pinfeed/models/torch_tensor.h"
#include "pinfeed/schemas/checkpoint_format.h"
#include "pinfeed/schemas/checkpoint_names.h"
#include "pinfeed/schemas/weight_names.h"

namespace pinfeed {
namespace {

constexpr std::size_t most_named = 8;  // tensors in a message

// True for parts of a masked autoencoder that a detector does not have.
bool only_for_pretraining(const std::string& stored) {
  const std::string name = possible_names(stored).back();
  for (const std::string_view part : {"cls_token", "mask_token", "decoder_", "norm."}) {
    if (name.starts_with(part)) return true;
  }
  return false;
}

Error other_model(const std::string& path, const std::string& why) {
  return Error(ErrorKind::data, "cannot load " + path + ": it belongs to another model: " + why);
}

std::string type_text(const torch::Tensor& tensor) {
  return name_of(pinfeed_dtype(tensor.scalar_type()));
}

// Loads a tensor of the file into one of the model.
void load_one(const Tensors& model, const std::string& name, const torch::Tensor& stored,
              const MappedFile& file, StoredCopies& copies, WeightsReport& report) {
  const torch::Tensor& ours = model.at(name);
  // Floats of any width convert; whole numbers in place of weights are quantised or another tensor.
  if (stored.is_floating_point() != ours.is_floating_point()) {
    report.unfit.push_back(fmt::format("'{}' is {} in the file and {} in the model", name,
                                       type_text(stored), type_text(ours)));
    return;
  }
  if (ours.sizes() == stored.sizes()) {
    copies.add(stored, ours);
    ++report.loaded;
    return;
  }
  const std::string shapes = shapes_text(name, stored, ours);
  const bool may_resize = has_resizable_name(name);
  const auto resized =
      may_resize ? resized_weight(name, read_stored(file, stored), ours) : torch::Tensor();
  if (resized.defined()) {
    const torch::NoGradGuard no_gradients;
    ours.copy_(resized);
    ++report.loaded;
    report.resized.push_back(shapes);
    return;
  }
  if (name == "pos_embed" || name.ends_with(".pos_embed")) {
    Error error = other_model(file.path(), shapes);
    if (const auto advice = advice_on_positions(model, name, stored)) error.help(*advice);
    throw error;
  }
  report.unfit.push_back(shapes);
}

Error nothing_loaded(const WeightsFile& file, const std::string& path,
                     const WeightsReport& report) {
  if (!report.unfit.empty()) return other_model(path, report.unfit.front());
  return other_model(path, file.weights.empty()
                               ? std::string("it has no tensors")
                               : fmt::format("none of its {} tensors has a name of this model",
                                             file.weights.size()))
      .help("its first tensors are " +
            joined(report.unexpected.empty() ? report.dropped : report.unexpected, most_named));
}

// Keeps the tensors below the prefix, and removes it from their names. Pre-training writes the
// names of MAE's checkpoints, which have no prefixes: they are then those of mmpretrain, for which
// a config names "backbone." or "neck.".
void keep_below(std::string prefix, const std::string& path, WeightsFile& file) {
  if (!prefix.ends_with('.')) prefix += '.';
  auto& weights = file.weights;
  std::erase_if(weights, [](const auto& weight) { return is_training_state(weight.first); });
  const auto is_below = [&](const auto& weight) { return weight.first.starts_with(prefix); };
  const auto of_decoder = [](const auto& weight) { return weight.first.starts_with("decoder_"); };
  if (std::ranges::none_of(weights, is_below) && std::ranges::any_of(weights, of_decoder)) {
    for (auto& [name, tensor] : weights) name = mmpretrain_name(name);
  }
  std::erase_if(weights, std::not_fn(is_below));
  if (weights.empty())
    throw Error(ErrorKind::data, "no tensor of " + path + " has the prefix '" + prefix + "'");
  for (auto& [name, tensor] : weights) name.erase(0, prefix.size());
}

std::string shape_text(const torch::Tensor& tensor) {
  Shape shape;
  for (const std::int64_t size : tensor.sizes()) shape.push_back(size);
  return to_string(shape);
}

}  // namespace

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

WeightsReport load_weights(torch::nn::Module& module, const std::string& written,
                           const std::optional<std::string>& prefix) {
  const std::string path = local_weights(written, weights_folder());
  WeightsFile file = read_weights_file(path, VerifyChecksums::no, Unaligned::views);
  if (file.is_safetensors) require_known_format(file.values, path);
  if (prefix) keep_below(*prefix, path, file);
  const Tensors model = named_tensors(module);
  WeightsReport report;
  StoredCopies copies(file.source);
  std::set<std::string> remaining;  // of the model, not found yet
  for (const auto& [name, tensor] : model) remaining.insert(name);
  for (const auto& [stored, tensor] : file.weights) {
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
    load_one(model, *match, to_torch(tensor), file.source, copies, report);
    remaining.erase(match);
  }
  copies.run();
  report.missing.assign(remaining.begin(), remaining.end());
  if (report.loaded == 0) throw nothing_loaded(file, path, report);
  return report;
}

LoadMessages load_named(torch::nn::Module& module, const WrittenPath& file) {
  return load_named(module, Pretrained{.checkpoint = file});
}

LoadMessages load_named(torch::nn::Module& module, const Pretrained& init) {
  const WrittenPath& file = init.checkpoint;
  try {
    const WeightsReport report = load_weights(module, file.text, init.prefix);
    return {.summary = summary(report, file.text), .warnings = load_warnings(report, file.text)};
  } catch (Error& error) {
    throw error.at(file.span).inside(file.config_path);
  }
}

std::string summary(const WeightsReport& report, const std::string& path) {
  std::string text = fmt::format("loaded {} tensors of {}", report.loaded, path);
  if (!report.dropped.empty()) {
    text += fmt::format("; {} serve pre-training only: {}", report.dropped.size(),
                        joined(report.dropped, most_named));
  }
  if (!report.resized.empty())
    text +=
        fmt::format("; {} resized: {}", report.resized.size(), joined(report.resized, most_named));
  return text;
}

std::vector<std::string> load_warnings(const WeightsReport& report, const std::string& path) {
  std::vector<std::string> warnings;
  if (!report.missing.empty()) {
    warnings.push_back(
        fmt::format("{} tensors of the model are not in {} and keep their initial "
                    "values: {}",
                    report.missing.size(), path, joined(report.missing, most_named)));
  }
  if (!report.unfit.empty()) {
    warnings.push_back(
        fmt::format("{} tensors of {} are not loaded, because their shapes or types differ: {}",
                    report.unfit.size(), path, joined(report.unfit, most_named)));
  }
  if (!report.unexpected.empty()) {
    warnings.push_back(fmt::format("{} tensors of {} are not in the model: {}",
                                   report.unexpected.size(), path,
                                   joined(report.unexpected, most_named)));
  }
  return warnings;
}

std::string shapes_text(const std::string& name, const torch::Tensor& stored,
                        const torch::Tensor& ours) {
  return fmt::format("'{}' is {} in the file and {} in the model", name, shape_text(stored),
                     shape_text(ours));
}

std::optional<std::string> advice_on_positions(const Tensors& model, const std::string& name,
                                               const torch::Tensor& stored) {
  if (!name.ends_with("pos_embed")) return std::nullopt;
  const std::string prefix = name.substr(0, name.rfind("pos_embed"));
  const auto patches = model.find(prefix + "patch_embed.proj.weight");
  const torch::Tensor& ours = model.at(name);
  const bool same_width = stored.dim() == 3 && stored.size(2) == ours.size(2);
  if (patches == model.end() || !same_width) return std::nullopt;
  const std::int64_t patch = patches->second.size(3);
  for (const bool first : {true, false}) {  // with and without a position of the class token
    const auto count = static_cast<double>(stored.size(1) - (first ? 1 : 0));
    const auto side = static_cast<std::int64_t>(std::lround(std::sqrt(count)));
    if (side < 1 || static_cast<double>(side * side) != count) continue;
    if (model.contains("mask_token")) {
      return fmt::format("the file is of images of {0}x{0} pixels: set backbone.img_size={0}",
                         side * patch);
    }
    return fmt::format("set pretrain_img_size={}{} in the backbone, the image size of the file",
                       side * patch, first ? "" : " and pretrain_use_cls_token=False");
  }
  return std::nullopt;
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
// The small detectors of tools/golden_detectors.py with their weights, batch, losses, gradients and
// detections.
#pragma once

#include <torch/torch.h>

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "pinfeed/config/read.h"
#include "pinfeed/formats/safetensors.h"
#include "pinfeed/image/expression/image_expr.h"
#include "pinfeed/models/build/make_model.h"
#include "pinfeed/models/torch_tensor.h"

namespace pinfeed {

struct GoldenDetector {
  SafetensorsFile file = {};
  std::map<std::string, std::string> metadata = {};
  std::shared_ptr<Model> model = nullptr;
  ModelInput input = {};

  torch::Tensor tensor(const std::string& name) const { return to_torch(*file.find(name)); }
};

inline std::string golden_path(const std::string& name) {
  return std::string(PINFEED_SOURCE_DIR) + "/tests/golden/detectors/" + name + ".safetensors";
}

// The polygons of an object, copied into the arena of the masks.
inline const image::Outline* stored_outline(const GoldenDetector& golden, const std::string& prefix,
                                            TruthMasks& masks) {
  using Part = std::span<const double>;
  std::vector<Part> parts;
  for (int p = 0; golden.file.find(prefix + std::to_string(p)) != nullptr; ++p) {
    const Tensor& part = *golden.file.find(prefix + std::to_string(p));
    parts.emplace_back(part.data_as<double>(), static_cast<std::size_t>(part.elements()));
  }
  const image::Outline outline{.size = masks.masks.size, .polygons = parts};
  return image::copied(outline, masks.arena);
}

inline std::shared_ptr<TruthMasks> stored_masks(const GoldenDetector& golden, std::size_t image,
                                                std::int64_t objects) {
  auto masks = std::make_shared<TruthMasks>();
  masks->masks.polygons = golden.metadata.at("masks") == "polygons";
  masks->masks.size = {96, 64};
  for (std::int64_t k = 0; k < objects; ++k) {
    const std::string prefix = std::to_string(image) + ".masks." + std::to_string(k) + ".";
    const image::Outline* outline = stored_outline(golden, prefix, *masks);
    if (masks->masks.polygons) {
      masks->masks.outlines.push_back(outline);
    } else {
      masks->masks.bitmaps.push_back(image::outlined(outline, masks->arena));
    }
  }
  return masks;
}

inline DetDataSample stored_sample(const GoldenDetector& golden, std::size_t i) {
  const std::string prefix = std::to_string(i) + ".";
  const torch::Tensor shapes = golden.tensor(prefix + "shapes").to(torch::kInt);
  const auto size = [&](int at) {
    return Size{shapes[at + 1].item<int>(), shapes[at].item<int>()};
  };
  const torch::Tensor scale = golden.tensor(prefix + "scale");
  DetDataSample sample{.boxes = golden.tensor(prefix + "bboxes"),
                       .labels = golden.tensor(prefix + "labels"),
                       .ignored_boxes = golden.tensor(prefix + "ignored"),
                       .ori_shape = size(2),
                       .img_shape = size(0),
                       .pad_shape = size(4),
                       .scale_width = scale[0].item<double>(),
                       .scale_height = scale[1].item<double>()};
  if (golden.metadata.at("masks") != "none")
    sample.masks = stored_masks(golden, i, sample.boxes.size(0));
  return sample;
}

inline GoldenDetector read_detector(const std::string& name) {
  GoldenDetector golden;
  golden.file = read_safetensors(golden_path(name));
  for (const auto& [key, value] : golden.file.metadata) golden.metadata[key] = value;
  const Config config = read_config_text(golden.metadata.at("config"), name);
  golden.model = make_model(*config.root.find("model"), "model");
  {
    const torch::NoGradGuard no_grad;
    for (auto& parameter : golden.model->named_parameters())
      parameter.value().copy_(golden.tensor("weights." + parameter.key()));
  }
  golden.input.images = to_torch(*read_safetensors(golden_path("inputs")).find("inputs")).clone();
  for (std::size_t i = 0; i < 3; ++i) golden.input.data_samples.push_back(stored_sample(golden, i));
  return golden;
}

inline const std::vector<std::string> golden_detectors = {"faster_rcnn",
                                                          "faster_rcnn_decoded",
                                                          "mask_rcnn_polygons",
                                                          "mask_rcnn_bitmaps",
                                                          "cascade_mask_rcnn",
                                                          "retinanet",
                                                          "gfl",
                                                          "gfl_border"};

}  // namespace pinfeed

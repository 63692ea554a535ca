// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pinfeed/config/catalog.h"
#include "pinfeed/config/one_of.h"
#include "pinfeed/data/dataset.h"

namespace pinfeed {

/// How pixels are changed between the loader and the model (docs/specs/openmmlab-data.md, 4.17):
/// channels reversed, converted to float32, (x - mean) / std, then padded right and bottom.
struct Preprocessing {
  bool reverse_channels = false;  // BGR to RGB
  std::vector<float> mean = {};   // 0..255, in the order after the reversal; empty: not normalised
  std::vector<float> std = {};    // as many as `mean`
  std::int64_t pad_size_divisor = 1;
  float pad_value = 0.0F;                     // in normalised units
  bool channels_given = false;                // the config sets the order of channels
  std::optional<Size> smallest = {};          // of a batch in training: BatchFixedSizePad
  std::optional<double> mask_pad_value = {};  // masks are padded as the images; empty: they are not
};

/// The preprocessing of batches that are not for training: without batch_augments and pad_mask, as
/// in mmdet.
Preprocessing for_evaluation(Preprocessing preprocessing);

/// Pads batches in training to a fixed size.
struct BatchFixedSizePad {
  static constexpr auto name = "BatchFixedSizePad";
  std::array<int, 2> size = {};  // height, width
  double img_pad_value = 0.0;
  bool pad_mask = false;
  double mask_pad_value = 0.0;
};
void describe(Schema<BatchFixedSizePad>& schema);

/// The preprocessor of detectors. Without mean and std it uses the statistics of the data set.
struct DetDataPreprocessor {
  static constexpr auto name = "DetDataPreprocessor";

  std::optional<std::vector<double>> mean = {};
  std::optional<std::vector<double>> std = {};
  std::int64_t pad_size_divisor = 1;
  double pad_value = 0.0;
  std::optional<bool> bgr_to_rgb = {};
  std::optional<bool> rgb_to_bgr = {};
  bool pad_mask = false;
  double mask_pad_value = 0.0;
  std::optional<std::vector<OneOf<BatchFixedSizePad>>> batch_augments = {};
};
void describe(Schema<DetDataPreprocessor>& schema);
Preprocessing make(const DetDataPreprocessor& params);

/// The preprocessor of pre-training.
struct SelfSupDataPreprocessor {
  static constexpr auto name = "SelfSupDataPreprocessor";

  std::optional<std::vector<double>> mean = {};
  std::optional<std::vector<double>> std = {};
  std::int64_t pad_size_divisor = 1;
  double pad_value = 0.0;
  std::optional<bool> to_rgb = {};
};
void describe(Schema<SelfSupDataPreprocessor>& schema);
Preprocessing make(const SelfSupDataPreprocessor& params);

/// The data preprocessors by name.
Catalog<Preprocessing, std::monostate> preprocessors();

/// The preprocessing of a config: model.data_preprocessor, or the top-level data_preprocessor, or a
/// DetDataPreprocessor without keys. Throws Error(config).
Preprocessing read_preprocessing(const Value& config);

/// Completes the preprocessing with the data set's statistics where the config gives none, and adds
/// a warning where both give different ones. Throws Error(config) when the data set is normalised
/// and the config normalises too.
Preprocessing fitted(Preprocessing wanted, const Metainfo& dataset,
                     std::vector<std::string>& warnings);

/// Adds a warning when nothing normalises the images of the loader `section`: neither the
/// preprocessor, nor the data set, nor a step Normalize.
void warn_if_unnormalized(const Value& config, const std::string& section,
                          const Preprocessing& wanted, const Metainfo& dataset,
                          std::vector<std::string>& warnings);

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pinfeed/config/catalog.h"
#include "pinfeed/data/dataset.h"

namespace pinfeed {

/// What happens to pixels between the loader and the model (docs/specs/openmmlab-data.md, 4.17):
/// channels reversed, float32, (x - mean) / std, then padded at the right and the bottom.
struct Preprocessing {
  bool reverse_channels = false;  // BGR to RGB
  std::vector<float> mean = {};   // 0..255, in the order after the reversal; empty: as they are
  std::vector<float> std = {};    // as many as `mean`
  std::int64_t pad_size_divisor = 1;
  float pad_value = 0.0F;       // in normalised units
  bool channels_given = false;  // the config says which order it wants
};

/// Of detectors. Without mean and std it takes the data set's statistics.
struct DetDataPreprocessor {
  static constexpr auto name = "DetDataPreprocessor";

  std::optional<std::vector<double>> mean = {};
  std::optional<std::vector<double>> std = {};
  std::int64_t pad_size_divisor = 1;
  double pad_value = 0.0;
  std::optional<bool> bgr_to_rgb = {};
  std::optional<bool> rgb_to_bgr = {};
};
void describe(Schema<DetDataPreprocessor>& schema);
Preprocessing make(const DetDataPreprocessor& params);

/// Of pre-training.
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

/// The preprocessing that a config asks for, under model.data_preprocessor or data_preprocessor at
/// the top; without either, that of a DetDataPreprocessor without keys.
Preprocessing read_preprocessing(const Value& config);

/// Fits the preprocessing to the data set: takes its statistics where the config gives none, adds a
/// warning to `warnings` where both give different ones. Throws Error(config) when the data set has
/// normalised already and the config would again.
Preprocessing fitted(Preprocessing wanted, const Metainfo& dataset,
                     std::vector<std::string>& warnings);

}  // namespace pinfeed

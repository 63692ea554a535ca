// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/datasets/coco_dataset.h"
#include "pinfeed/data/option_names.h"

namespace pinfeed {

/// 'img_norm_cfg': channel statistics, in the order of the normalised channels.
struct ImageStatistics {
  static constexpr auto name = "img_norm_cfg";
  std::array<double, 3> mean = {123.675, 116.28, 103.53};
  std::array<double, 3> std = {58.395, 57.12, 57.375};
  bool to_rgb = true;
};
void describe(Schema<ImageStatistics>& schema);

enum class NormalizeAt { none, dataset };
template <>
struct EnumNames<NormalizeAt> {
  static constexpr std::array<std::pair<std::string_view, NormalizeAt>, 2> all = {
      {{"none", NormalizeAt::none}, {"dataset", NormalizeAt::dataset}}};
};

/// CocoDataset for fine-tuning a detector whose backbone was pre-trained as a masked autoencoder.
/// It has the channel statistics of the pre-training and offers them to the model's preprocessor.
struct MAEDataset4DS : CocoDataset {
  static constexpr auto name = "MAEDataset4DS";

  ImageStatistics img_norm_cfg = {};
  NormalizeAt normalize = NormalizeAt::none;  // dataset: samples are normalised float32 RGB
  std::optional<double> mask_ratio = {};      // must be 0: masking belongs to pre-training
};
void describe(Schema<MAEDataset4DS>& schema);
Dataset make(const MAEDataset4DS& params, const BuildContext& context);

/// Offers the statistics in `metainfo`; with normalize='dataset', adds the step that normalises.
void use_statistics(const MAEDataset4DS& params, std::vector<Transform>& steps, Metainfo& metainfo);

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 2.6.
#include <algorithm>

#include "pinfeed/data/datasets/coco_dataset.h"
#include "pinfeed/data/datasets/mae_dataset_4ds.h"
#include "pinfeed/data/transforms/normalize.h"

namespace pinfeed {
namespace {

image::Normalization statistics_as_normalization(const ImageStatistics& statistics) {
  image::Normalization normalization{.mean = {}, .std = {}, .to_rgb = statistics.to_rgb};
  for (std::size_t i = 0; i < 3; ++i) {
    normalization.mean[i] = static_cast<float>(statistics.mean[i]);
    normalization.std[i] = static_cast<float>(statistics.std[i]);
  }
  return normalization;
}

bool packs(const Transform& step) { return step.use.creates.has(Field::packed); }
bool normalizes(const Transform& step) { return step.name == Normalize::name; }

// Inserts Normalize right before the step that packs the sample: later steps may not change pixels.
void add_normalize(std::vector<Transform>& steps, const ImageStatistics& statistics) {
  const auto existing = std::find_if(steps.begin(), steps.end(), normalizes);
  if (existing != steps.end()) {
    throw Error(ErrorKind::config, "normalize='dataset' and a Normalize step would normalise twice")
        .at(existing->span)
        .inside(existing->config_path)
        .help("remove the step, or normalize='dataset'");
  }
  const Normalize params{statistics.mean, statistics.std, statistics.to_rgb};
  const auto pack = std::find_if(steps.begin(), steps.end(), packs);
  steps.insert(pack, made_transform(params, {}));
}

void check_mask_ratio(const MAEDataset4DS& params) {
  if (!params.mask_ratio || *params.mask_ratio == 0.0) return;
  throw Error(ErrorKind::config,
              "MAEDataset4DS does not mask: mask_ratio must be absent or 0, random masking belongs "
              "to pre-training")
      .help("for pre-training, the model 'MAE' has the key mask_ratio");
}

}  // namespace

void describe(Schema<ImageStatistics>& schema) {
  schema.optional("mean", &ImageStatistics::mean, "of each channel, 0 to 255")
      .optional("std", &ImageStatistics::std, "of each channel")
      .optional("to_rgb", &ImageStatistics::to_rgb, "the statistics are in the order R, G, B");
}

void describe(Schema<MAEDataset4DS>& schema) {
  schema.summary("CocoDataset with the statistics of a masked autoencoder's pre-training.")
      .include<CocoDataset>()
      .optional("img_norm_cfg", &MAEDataset4DS::img_norm_cfg,
                "channel statistics that are offered to the model's preprocessor")
      .optional(
          "normalize", &MAEDataset4DS::normalize,
          "where pixels are normalised: 'none' leaves it to the preprocessor, 'dataset' makes "
          "float32 RGB inputs")
      .optional("mask_ratio", &MAEDataset4DS::mask_ratio,
                "absent or 0; random masking belongs to pre-training")
      .check(check_mask_ratio);
}

void use_statistics(const MAEDataset4DS& params, std::vector<Transform>& steps,
                    Metainfo& metainfo) {
  metainfo.statistics = statistics_as_normalization(params.img_norm_cfg);
  if (params.normalize == NormalizeAt::dataset) add_normalize(steps, params.img_norm_cfg);
  metainfo.normalized = std::any_of(steps.begin(), steps.end(), normalizes);
}

Dataset make(const MAEDataset4DS& params, const BuildContext& context) {
  Dataset dataset = make_coco_dataset(params, MAEDataset4DS::name, context);
  std::vector<Transform> steps = make_steps(params.pipeline, context);
  use_statistics(params, steps, dataset.metainfo);
  set_pipeline(dataset, std::move(steps), Field::path | Field::instances);
  if (params.normalize == NormalizeAt::none) return dataset;
  dataset.with_steps = [plain = dataset.with_steps,
                        statistics = params.img_norm_cfg](std::vector<Transform> others) {
    add_normalize(others, statistics);
    return plain(std::move(others));
  };
  return dataset;
}

}  // namespace pinfeed

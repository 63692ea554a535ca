// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/detectors/single_stage.h"

#include <string>
#include <utility>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

// Collate functions for other tasks drop the data samples.
void require_samples(const ModelInput& input) {
  const std::int64_t images = input.images.size(0);
  if (std::ssize(input.data_samples) == images) return;
  throw Error(ErrorKind::config, "the batch has " + std::to_string(images) + " images and " +
                                     std::to_string(input.data_samples.size()) +
                                     " data samples; a detector needs one for each image")
      .help("end the pipeline with PackDetInputs, and set collate_fn=dict(type='pseudo_collate')");
}

// Without boxes, everything would be background.
void require_truth(const ModelInput& input) {
  for (const DetDataSample& sample : input.data_samples) {
    if (sample.has_truth) continue;
    throw Error(ErrorKind::config, "the data samples have no boxes and labels to learn from")
        .help("add dict(type='LoadAnnotations', with_bbox=True) to the pipeline");
  }
}

}  // namespace

SingleStageDetector::SingleStageDetector(std::shared_ptr<Backbone> backbone,
                                         std::shared_ptr<Neck> neck,
                                         std::shared_ptr<DenseHead> bbox_head)
    : Detector(std::move(backbone), std::move(neck)),
      bbox_head_(register_module("bbox_head", std::move(bbox_head))) {}

Losses SingleStageDetector::losses(const ModelInput& input) {
  require_samples(input);
  require_truth(input);
  return bbox_head_->losses(extract_features(input.images), input.data_samples);
}

std::vector<Detections> SingleStageDetector::predict(const ModelInput& input) {
  require_samples(input);
  return bbox_head_->predict(extract_features(input.images), input.data_samples);
}

}  // namespace pinfeed

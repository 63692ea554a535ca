// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <string>

#include "pinfeed/models/model.h"
#include "pinfeed/schemas/task_schemas.h"

namespace pinfeed {

/// The priors of one image that a loss uses, as mmdet's SamplingResult.
struct SampledBoxes {
  torch::Tensor positive = {};      // (p) int64, rows of `priors`, ascending
  torch::Tensor negative = {};      // (q) int64
  torch::Tensor priors = {};        // (p + q, 4): the positives, then the negatives
  torch::Tensor is_truth = {};      // (p) bool: the prior is a box of the truth
  torch::Tensor objects = {};       // (p) int64, numbers of the objects, from 0
  torch::Tensor truth_boxes = {};   // (p, 4)
  torch::Tensor truth_labels = {};  // (p) int64
  std::int64_t divisor = 1;         // what the losses of the image count for

  torch::Tensor positive_priors() const { return priors.narrow(0, 0, positive.size(0)); }
};

/// Who draws random numbers, and for which sample of the batch.
struct SampleDraw {
  const ModelRandom& random;
  std::int64_t sample = 0;
  std::string module = {};  // "rpn_head"
};

/// How many priors have an object, and how many are negative.
struct SampleCounts {
  std::int64_t positive = 0;
  std::int64_t negative = 0;
};

/// These two numbers, (2) int64, on the device of `objects`, which are as assigned() gives them.
torch::Tensor sample_counts(const torch::Tensor& objects);
/// Reads them from a tensor of the host.
SampleCounts read_counts(const torch::Tensor& counts);

/// Samples priors (n, 4) with their objects, of which there are `counts`: on a GPU the host cannot
/// find them without waiting. With add_gt_as_proposals the boxes of the truth come before the
/// priors.
SampledBoxes sampled(const BoxSampler& params, const torch::Tensor& priors,
                     const torch::Tensor& objects, const SampleCounts& counts,
                     const DetDataSample& truth, const SampleDraw& draw);

}  // namespace pinfeed

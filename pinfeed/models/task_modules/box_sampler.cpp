// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, RandomSampler, PseudoSampler and SamplingResult.
#include "pinfeed/models/task_modules/box_sampler.h"

#include <algorithm>

#include "pinfeed/models/device_copies.h"

namespace pinfeed {
namespace {

// The rows that are true, of which there are `count`.
torch::Tensor rows_where(const torch::Tensor& flags, std::int64_t count) {
  return torch::nonzero_static(flags, count).squeeze(1);
}

// Some rows in random order, sorted; all of them if there are not more.
torch::Tensor chosen_rows(const torch::Tensor& rows, std::int64_t most, const SampleDraw& draw,
                          const std::string& role) {
  if (rows.size(0) <= most) return rows;
  const torch::Tensor order =
      draw.random.choose(rows.size(0), most, draw.sample, draw.module + "." + role);
  return std::get<0>(rows.index_select(0, sent(order, rows.device())).sort());
}

// The positives and negatives among the candidates, whose first `truths` are boxes of the truth.
struct SampleCandidates {
  torch::Tensor boxes = {};
  torch::Tensor objects = {};
  std::int64_t truths = 0;
};

SampleCandidates sample_candidates(const RandomSampler& params, const torch::Tensor& priors,
                                   const torch::Tensor& objects, const DetDataSample& truth) {
  const std::int64_t count = truth.boxes.size(0);
  if (!params.add_gt_as_proposals || count == 0) return {priors, objects, 0};
  return {torch::cat({truth.boxes, priors}),
          torch::cat({torch::arange(1, count + 1, objects.options()), objects}), count};
}

SampledBoxes sampling_result(const SampleCandidates& candidates, const torch::Tensor& positive,
                             const torch::Tensor& negative, const DetDataSample& truth) {
  SampledBoxes result{.positive = positive, .negative = negative};
  result.priors = candidates.boxes.index_select(0, torch::cat({positive, negative}));
  result.is_truth = positive < candidates.truths;
  result.objects = candidates.objects.index_select(0, positive) - 1;
  result.truth_boxes = truth.boxes.index_select(0, result.objects);
  result.truth_labels = truth.labels.index_select(0, result.objects);
  return result;
}

SampledBoxes sample_with(const RandomSampler& params, const torch::Tensor& priors,
                         const torch::Tensor& objects, const SampleCounts& counts,
                         const DetDataSample& truth, const SampleDraw& draw) {
  const SampleCandidates candidates = sample_candidates(params, priors, objects, truth);
  const auto most = static_cast<std::int64_t>(params.num * params.pos_fraction);
  const torch::Tensor positive =
      chosen_rows(rows_where(candidates.objects > 0, counts.positive + candidates.truths), most,
                  draw, "positive");
  std::int64_t negatives = params.num - positive.size(0);
  if (params.neg_pos_ub >= 0) {
    const auto base = static_cast<double>(std::max<std::int64_t>(1, positive.size(0)));
    negatives = std::min(negatives, static_cast<std::int64_t>(params.neg_pos_ub * base));
  }
  const torch::Tensor negative = chosen_rows(rows_where(candidates.objects == 0, counts.negative),
                                             negatives, draw, "negative");
  SampledBoxes result = sampling_result(candidates, positive, negative, truth);
  result.divisor =
      std::max<std::int64_t>(1, positive.size(0)) + std::max<std::int64_t>(1, negative.size(0));
  return result;
}

SampledBoxes sample_with(const PseudoSampler&, const torch::Tensor& priors,
                         const torch::Tensor& objects, const SampleCounts& counts,
                         const DetDataSample& truth, const SampleDraw&) {
  const torch::Tensor positive = rows_where(objects > 0, counts.positive);
  const torch::Tensor negative = rows_where(objects == 0, counts.negative);
  SampledBoxes result = sampling_result({priors, objects, 0}, positive, negative, truth);
  result.divisor = std::max<std::int64_t>(1, positive.size(0));
  return result;
}

}  // namespace

torch::Tensor sample_counts(const torch::Tensor& objects) {
  return torch::stack({(objects > 0).sum(), (objects == 0).sum()});
}

SampleCounts read_counts(const torch::Tensor& counts) {
  const auto* number = counts.const_data_ptr<std::int64_t>();
  return {.positive = number[0], .negative = number[1]};
}

SampledBoxes sampled(const BoxSampler& params, const torch::Tensor& priors,
                     const torch::Tensor& objects, const SampleCounts& counts,
                     const DetDataSample& truth, const SampleDraw& draw) {
  return std::visit(
      [&](const auto& part) { return sample_with(part, priors, objects, counts, truth, draw); },
      params.part);
}

}  // namespace pinfeed

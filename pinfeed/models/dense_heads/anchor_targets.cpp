// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, AnchorHead.get_targets.
#include "pinfeed/models/dense_heads/anchor_targets.h"

#include <numeric>

#include "pinfeed/core/error.h"
#include "pinfeed/models/device_copies.h"
#include "pinfeed/models/task_modules/box_sampler.h"

namespace pinfeed {
namespace {

Size padded_size(const DetDataSample& sample, const torch::Tensor& level, int stride) {
  if (sample.pad_shape != Size{}) return sample.pad_shape;
  return {static_cast<int>(level.size(3)) * stride, static_cast<int>(level.size(2)) * stride};
}

// "the image 12 of 64x48 pixels"
std::string described(const DetDataSample& sample) {
  const std::string number = sample.has_img_id ? " " + std::to_string(sample.img_id) : "";
  return "the image" + number + " of " + std::to_string(sample.img_shape.width) + "x" +
         std::to_string(sample.img_shape.height) + " pixels";
}

// Those of all images, numbered from image to image.
AnchorTargets joined(const std::vector<AnchorTargets>& images) {
  std::vector<torch::Tensor> rows, labels, weights, positives, priors, boxes;
  AnchorTargets all;
  for (const AnchorTargets& image : images) {
    rows.push_back(image.rows);
    labels.push_back(image.labels);
    weights.push_back(image.weights);
    positives.push_back(image.positives);
    priors.push_back(image.positive_priors);
    boxes.push_back(image.truth_boxes);
    all.divisor += image.divisor;
  }
  all.rows = torch::cat(rows);
  all.labels = torch::cat(labels);
  all.weights = torch::cat(weights);
  all.positives = torch::cat(positives);
  all.positive_priors = torch::cat(priors);
  all.truth_boxes = torch::cat(boxes);
  return all;
}

// The anchors that an image may use.
struct UsableAnchors {
  torch::Tensor numbers = {};
  AnchorCounts per_level = {};
};

UsableAnchors usable_in(const AnchorRules& rules, const Anchors& anchors, const FeatureMaps& levels,
                        const DetDataSample& sample) {
  const Size padded = padded_size(sample, levels.front(), rules.generator.strides.front());
  const torch::Tensor usable = usable_anchors(rules.generator, anchors, levels, sample.img_shape,
                                              padded, rules.use.allowed_border);
  UsableAnchors found;
  for (const torch::Tensor& level : usable.split_with_sizes(anchors.per_level))
    found.per_level.push_back(level.sum().item<std::int64_t>());
  const std::int64_t all =
      std::accumulate(found.per_level.begin(), found.per_level.end(), std::int64_t{0});
  if (all == 0) {
    throw Error(ErrorKind::data, "no anchor lies inside " + described(sample))
        .help("enlarge the images, or set allowed_border=-1 in train_cfg");
  }
  const torch::Device device = anchors.boxes.device();
  found.numbers = all == usable.numel()
                      ? torch::arange(all, torch::TensorOptions(torch::kInt64).device(device))
                      : sent(usable.nonzero().squeeze(1), device);
  return found;
}

AnchorTargets targets_in(const AnchorRules& rules, const Anchors& anchors,
                         const AssignedAnchors::Image& image, const SampleCounts& counts,
                         const DetDataSample& sample, const SampleDraw& draw) {
  const SampledBoxes found =
      sampled(rules.use.sampler, image.priors, image.objects, counts, sample, draw);
  const std::int64_t positives = found.positive.size(0);
  AnchorTargets targets{.divisor = static_cast<double>(found.divisor)};
  targets.rows = image.numbers.index_select(0, torch::cat({found.positive, found.negative})) +
                 draw.sample * anchors.boxes.size(0);
  targets.labels = torch::full({targets.rows.size(0)}, rules.num_classes, targets.rows.options());
  targets.labels.narrow(0, 0, positives).copy_(found.truth_labels);
  targets.weights = torch::ones({targets.rows.size(0)}, anchors.boxes.options());
  if (rules.use.pos_weight > 0) targets.weights.narrow(0, 0, positives).fill_(rules.use.pos_weight);
  targets.positives = targets.rows.narrow(0, 0, positives);
  targets.positive_priors = found.positive_priors();
  targets.truth_boxes = found.truth_boxes;
  return targets;
}

}  // namespace

AssignedAnchors assigned_anchors(const AnchorRules& rules, const Anchors& anchors,
                                 const FeatureMaps& levels,
                                 const std::vector<DetDataSample>& samples) {
  AssignedAnchors result;
  std::vector<torch::Tensor> counts;
  for (const DetDataSample& sample : samples) {
    const UsableAnchors usable = usable_in(rules, anchors, levels, sample);
    const torch::Tensor priors = anchors.boxes.index_select(0, usable.numbers);
    result.images.push_back(
        {usable.numbers, priors, rules.assign(priors, usable.per_level, sample)});
    counts.push_back(sample_counts(result.images.back().objects));
  }
  result.counts = torch::stack(counts);
  return result;
}

AnchorTargets anchor_targets(const AnchorRules& rules, const Anchors& anchors,
                             const AssignedAnchors& assigned, const torch::Tensor& counts,
                             const std::vector<DetDataSample>& samples, const ModelRandom& random) {
  std::vector<AnchorTargets> images;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto number = static_cast<std::int64_t>(i);
    images.push_back(targets_in(rules, anchors, assigned.images[i], read_counts(counts[number]),
                                samples[i], {random, number, rules.module}));
  }
  return joined(images);
}

std::pair<torch::Tensor, torch::Tensor> labels_of_all(const AnchorTargets& targets,
                                                      std::int64_t count, int num_classes) {
  return {
      torch::full({count}, num_classes, targets.labels.options())
          .scatter_(0, targets.rows, targets.labels),
      torch::zeros({count}, targets.weights.options()).scatter_(0, targets.rows, targets.weights)};
}

}  // namespace pinfeed

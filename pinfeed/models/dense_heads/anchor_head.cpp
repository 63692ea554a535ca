// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, AnchorHead. Losses of levels are summed there; here all levels are
// one.
#include "pinfeed/models/dense_heads/anchor_head.h"

#include "pinfeed/core/error.h"
#include "pinfeed/models/dense_heads/prior_losses.h"
#include "pinfeed/models/losses/head_losses.h"
#include "pinfeed/models/task_modules/assigner.h"

namespace pinfeed {
namespace {

// (N, a * c, H, W) -> (N, H * W * a, c).
torch::Tensor by_anchor(const torch::Tensor& map, std::int64_t channels) {
  return map.permute({0, 2, 3, 1}).reshape({map.size(0), -1, channels});
}

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

}  // namespace

AnchorHeadNet::AnchorHeadNet(AnchorHeadOptions options, int num_classes,
                             std::optional<AnchorTrainCfg> train_cfg, std::string module)
    : options_(std::move(options)),
      num_classes_(num_classes),
      train_cfg_(std::move(train_cfg)),
      module_(std::move(module)) {}

std::int64_t AnchorHeadNet::class_channels() const {
  return num_classes_ + (uses_sigmoid(options_) ? 0 : 1);
}

std::int64_t AnchorHeadNet::anchors_per_position() const {
  return pinfeed::anchors_per_position(options_.anchor_generator.get());
}

torch::nn::Conv2d AnchorHeadNet::normal_conv(std::int64_t in_channels, std::int64_t channels,
                                             std::int64_t kernel) {
  torch::nn::Conv2d conv(
      torch::nn::Conv2dOptions(in_channels, channels, kernel).padding(kernel / 2));
  torch::nn::init::normal_(conv->weight, 0.0, 0.01);
  torch::nn::init::zeros_(conv->bias);
  return conv;
}

AnchorPrediction AnchorHeadNet::forward(const FeatureMaps& levels) {
  std::vector<torch::Tensor> classes;
  std::vector<torch::Tensor> codes;
  for (const torch::Tensor& level : levels) {
    const auto [logits, deltas] = forward_level(level);
    classes.push_back(by_anchor(logits, class_channels()));
    codes.push_back(by_anchor(deltas, 4));
  }
  return {torch::cat(classes, 1), torch::cat(codes, 1),
          anchors_of(options_.anchor_generator.get(), levels)};
}

torch::Tensor AnchorHeadNet::scores_in(const AnchorPrediction& predicted,
                                       std::int64_t image) const {
  const torch::Tensor logits = predicted.classes[image].detach().to(torch::kFloat);
  if (uses_sigmoid(options_)) return logits.sigmoid().cpu();
  return logits.softmax(1).narrow(1, 0, num_classes_).cpu();
}

torch::Tensor AnchorHeadNet::usable_rows(const Anchors& anchors, const FeatureMaps& levels,
                                         const DetDataSample& sample) const {
  const AnchorGenerator& generator = options_.anchor_generator.get();
  const Size padded = padded_size(sample, levels.front(), generator.strides.front());
  const torch::Tensor usable = usable_anchors(generator, anchors, levels, sample.img_shape, padded,
                                              train_cfg_->allowed_border)
                                   .nonzero()
                                   .squeeze(1);
  if (usable.size(0) > 0) return usable;
  throw Error(ErrorKind::data, "no anchor lies inside " + described(sample))
      .help("enlarge the images, or set allowed_border=-1 in train_cfg");
}

AnchorTargets AnchorHeadNet::targets_in(const Anchors& anchors, const torch::Tensor& usable,
                                        const DetDataSample& sample, const SampleDraw& draw) const {
  const torch::Tensor priors = anchors.boxes.index_select(0, usable);
  const torch::Tensor objects = assigned(train_cfg_->assigner.get(), priors, sample);
  const SampledBoxes found = sampled(train_cfg_->sampler, priors, objects, sample, draw);
  const std::int64_t positives = found.positive.size(0);
  AnchorTargets targets{.divisor = static_cast<double>(found.divisor)};
  targets.rows = usable.index_select(0, torch::cat({found.positive, found.negative})) +
                 draw.sample * anchors.boxes.size(0);
  targets.labels = torch::full({targets.rows.size(0)}, num_classes_, targets.rows.options());
  targets.labels.narrow(0, 0, positives).copy_(found.truth_labels);
  targets.weights = torch::ones({targets.rows.size(0)}, anchors.boxes.options());
  if (train_cfg_->pos_weight > 0)
    targets.weights.narrow(0, 0, positives).fill_(train_cfg_->pos_weight);
  targets.positives = targets.rows.narrow(0, 0, positives);
  targets.positive_priors = found.positive_priors();
  targets.truth_boxes = found.truth_boxes;
  return targets;
}

AnchorTargets AnchorHeadNet::targets(const Anchors& anchors, const FeatureMaps& levels,
                                     const std::vector<DetDataSample>& samples,
                                     const ModelRandom& random) const {
  std::vector<AnchorTargets> images;
  for (const DetDataSample& sample : samples) {
    const std::int64_t number = std::ssize(images);
    images.push_back(targets_in(anchors, usable_rows(anchors, levels, sample), sample,
                                {random, number, module_}));
  }
  return joined(images);
}

// A random sampler takes few anchors, so only their logits are read; without one nearly all are
// used, and the others get the weight 0.
torch::Tensor AnchorHeadNet::class_loss_of(const torch::Tensor& logits,
                                           const AnchorTargets& targets) const {
  torch::Tensor used = logits;
  torch::Tensor labels = targets.labels;
  torch::Tensor weights = targets.weights;
  if (train_cfg_->sampler.as<PseudoSampler>() == nullptr) {
    used = logits.index_select(0, targets.rows);
  } else {
    labels = torch::full({logits.size(0)}, num_classes_, targets.labels.options())
                 .scatter_(0, targets.rows, targets.labels);
    weights = torch::zeros({logits.size(0)}, targets.weights.options())
                  .scatter_(0, targets.rows, targets.weights);
  }
  return std::visit(
      [&](const auto& part) { return class_loss(part, used, labels, weights, targets.divisor); },
      options_.loss_cls.part);
}

Losses AnchorHeadNet::losses_of(const AnchorPrediction& predicted, const FeatureMaps& levels,
                                const std::vector<DetDataSample>& samples,
                                const ModelRandom& random) const {
  require_train_cfg(train_cfg_.has_value());
  const AnchorTargets wanted = targets(predicted.anchors, levels, samples, random);
  const torch::Tensor loss_cls =
      class_loss_of(predicted.classes.flatten(0, 1).to(torch::kFloat), wanted);
  const torch::Tensor codes =
      predicted.codes.flatten(0, 1).index_select(0, wanted.positives).to(torch::kFloat);
  const torch::Tensor loss_bbox =
      prior_box_loss({options_.loss_bbox, options_.bbox_coder.get(), options_.reg_decoded_bbox},
                     wanted.positive_priors, codes, wanted.truth_boxes, wanted.divisor);
  return {{"loss_cls", loss_cls}, {"loss_bbox", loss_bbox}};
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.7.
#include "pinfeed/train/loop/validation.h"

#include <cmath>

#include "pinfeed/core/clock.h"
#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

std::string truth_file(const CocoMetricParams& params, const Dataset& dataset) {
  if (params.ann_file) return *params.ann_file;
  if (!dataset.ann_file.empty()) return dataset.ann_file;
  throw Error(ErrorKind::config, "val_evaluator has no ann_file, and the data set has none either")
      .inside("val_evaluator");
}

std::shared_ptr<Loader> validation_loader(const Value& config, const Catalogs& catalogs,
                                          const LoaderOptions& options) {
  auto loader = std::make_shared<Loader>(make_loader(config, "val_dataloader", catalogs, options));
  require_batches(*loader, config, "val_dataloader");
  return loader;
}

void add(CocoMetric& metric, const Target& target, const Detections& found) {
  const torch::Tensor boxes = found.boxes.to(torch::kCPU, torch::kFloat).contiguous();
  const torch::Tensor scores = found.scores.to(torch::kCPU, torch::kFloat).contiguous();
  const torch::Tensor labels = found.labels.to(torch::kCPU, torch::kLong).contiguous();
  const auto count = static_cast<std::size_t>(scores.numel());
  const auto* corners = boxes.data_ptr<float>();
  std::vector<Box> rows;
  for (std::size_t i = 0; i < count; ++i, corners += 4) {
    rows.push_back({corners[0], corners[1], corners[2], corners[3]});
  }
  metric.add(target.img_id, rows, {scores.data_ptr<float>(), count},
             {labels.data_ptr<std::int64_t>(), count});
}

}  // namespace

Evaluator::Evaluator(const Value& config, const Catalogs& catalogs, const LoaderOptions& options,
                     const Preprocessing& preprocessing, torch::Device device,
                     std::vector<std::string>& warnings)
    : loader_(validation_loader(config, catalogs, options)),
      feed_(
          make_feed(loader_, fitted(preprocessing, loader_->dataset().metainfo, warnings), device)),
      params_(read_evaluator(config, "val_evaluator")),
      metric_(read_coco_file(truth_file(params_, loader_->dataset())),
              loader_->dataset().metainfo.category_ids) {}

std::optional<Validation> Evaluator::run(
    Model& model, const std::function<bool(const ValidationStep&)>& goes_on) {
  const torch::NoGradGuard no_gradients;
  metric_.reset();
  feed_.seek({0, 0});
  ValidationStep step{.batches = feed_.batches_per_epoch};
  const double start = clock_seconds();
  double waited = 0.0;
  while (step.batch < step.batches) {
    const double asked = clock_seconds();
    const std::optional<ModelInput> input = feed_.next();
    if (!input) break;
    waited += clock_seconds() - asked;
    const std::vector<Detections> found = model.predict(*input);
    for (std::size_t i = 0; i < found.size(); ++i) add(metric_, input->targets[i], found[i]);
    ++step.batch;
    step.time = (clock_seconds() - start) / static_cast<double>(step.batch);
    step.data_time = waited / static_cast<double>(step.batch);
    if (!goes_on(step)) return std::nullopt;
  }
  if (params_.outfile_prefix) {
    write_coco_results(metric_.detections(), *params_.outfile_prefix + ".bbox.json");
  }
  return Validation{.metrics = metrics(), .end = step};
}

Scalars Evaluator::metrics() const {
  const CocoEvaluation evaluation =
      evaluate_boxes(metric_.truth(), metric_.detections(), params_.proposal_nums);
  Scalars values = metric_values(evaluation);
  if (!params_.classwise) return values;
  for (std::size_t i = 0; i < evaluation.categories.size(); ++i) {
    values.emplace_back("coco/" + evaluation.categories[i].name + "_precision",
                        std::nearbyint(evaluation.category_ap[i] * 1000.0) / 1000.0);
  }
  return values;
}

}  // namespace pinfeed

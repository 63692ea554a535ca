// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.7.
#include "pinfeed/train/loop/coco_evaluator.h"

#include <cmath>
#include <filesystem>

#include "pinfeed/core/clock.h"
#include "pinfeed/core/error.h"
#include "pinfeed/schemas/model_list.h"
#include "pinfeed/train/input/make_feed.h"

namespace pinfeed {
namespace {

// The file is written after the first validation.
void require_folder(const std::optional<WrittenPath>& prefix) {
  if (!prefix) return;
  const std::filesystem::path folder = std::filesystem::path(prefix->text).parent_path();
  std::error_code failed;
  if (folder.empty() || std::filesystem::is_directory(folder, failed)) return;
  throw Error(ErrorKind::config,
              "outfile_prefix is '" + prefix->text + "'; there is no folder " + folder.string())
      .at(prefix->span)
      .inside(prefix->config_path);
}

std::shared_ptr<Loader> validation_loader(const Value& config, const Catalogs& catalogs,
                                          const LoaderOptions& options) {
  auto loader = std::make_shared<Loader>(make_loader(config, "val_dataloader", catalogs, options));
  require_batches(*loader, config, "val_dataloader");
  check_class_counts(config, loader->dataset().metainfo, "val_dataloader");
  return loader;
}

void add(CocoMetric& metric, const DetDataSample& sample, const Detections& found) {
  const torch::Tensor boxes = found.boxes.to(torch::kCPU, torch::kFloat).contiguous();
  const torch::Tensor scores = found.scores.to(torch::kCPU, torch::kFloat).contiguous();
  const torch::Tensor labels = found.labels.to(torch::kCPU, torch::kLong).contiguous();
  const auto count = static_cast<std::size_t>(scores.numel());
  const auto* corners = boxes.data_ptr<float>();
  std::vector<Box> rows;
  for (std::size_t i = 0; i < count; ++i, corners += 4) {
    rows.push_back({corners[0], corners[1], corners[2], corners[3]});
  }
  if (!sample.has_img_id) {
    throw Error(ErrorKind::data, "a sample of val_dataloader has no 'img_id' in its metadata")
        .help("name it in meta_keys of the step that packs the sample");
  }
  metric.add(sample.img_id, rows, {scores.data_ptr<float>(), count},
             {labels.data_ptr<std::int64_t>(), count});
}

}  // namespace

CocoEvaluator::CocoEvaluator(const Value& config, const Catalogs& catalogs,
                             const LoaderOptions& options, const Preprocessing& preprocessing,
                             torch::Device device, std::vector<std::string>& warnings)
    : loader_(validation_loader(config, catalogs, options)),
      feed_(
          make_feed(loader_, fitted(preprocessing, loader_->dataset().metainfo, warnings), device)),
      params_(read_evaluator(config, "val_evaluator")),
      truth_(ground_truth(params_, loader_->dataset())),
      metric_(std::move(truth_.file), truth_.category_ids) {
  require_folder(params_.outfile_prefix);
  warn_if_unnormalized(config, "val_dataloader", preprocessing, loader_->dataset().metainfo,
                       warnings);
}

Dataset CocoEvaluator::dataset() const {
  Dataset dataset = loader_->dataset();
  dataset.metainfo.category_ids = truth_.category_ids;
  return dataset;
}

MetricNames CocoEvaluator::metric_names() const {
  std::vector<std::string> classes;
  for (const CocoCategory& category : metric_.truth().categories) classes.push_back(category.name);
  return pinfeed::metric_names(params_, classes);
}

void CocoEvaluator::begin() {
  metric_.reset();
  feed_->seek({0, 0});
  step_ = {.batches = feed_->batches_per_epoch()};
  start_ = clock_seconds();
  waited_ = 0.0;
}

std::optional<ValidationStep> CocoEvaluator::step(Model& model) {
  if (step_.batch >= step_.batches) return std::nullopt;
  const torch::NoGradGuard no_gradients;
  const double before = clock_seconds();
  const std::optional<ModelInput> input = feed_->next();
  if (!input) return std::nullopt;
  waited_ += clock_seconds() - before;
  const std::vector<Detections> found = model.predict(*input);
  for (std::size_t i = 0; i < found.size(); ++i) add(metric_, input->data_samples[i], found[i]);
  ++step_.batch;
  step_.time = (clock_seconds() - start_) / static_cast<double>(step_.batch);
  step_.data_time = waited_ / static_cast<double>(step_.batch);
  return step_;
}

Validation CocoEvaluator::finish() {
  if (params_.outfile_prefix) {
    write_coco_results(metric_.detections(), params_.outfile_prefix->text + ".bbox.json");
  }
  metrics_ = computed_metrics();
  return {.metrics = *metrics_, .last_step = step_};
}

Scalars CocoEvaluator::computed_metrics() const {
  const CocoEvaluation evaluation =
      evaluate_boxes(metric_.truth(), metric_.detections(), params_.proposal_nums);
  Scalars values = metric_values(evaluation);
  if (!params_.classwise) return values;
  for (std::size_t i = 0; i < evaluation.categories.size(); ++i) {
    values.emplace_back(class_metric_name(evaluation.categories[i].name),
                        std::nearbyint(evaluation.category_ap[i] * 1000.0) / 1000.0);
  }
  return values;
}

}  // namespace pinfeed

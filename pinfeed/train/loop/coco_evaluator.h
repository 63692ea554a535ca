// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/loader/loader.h"
#include "pinfeed/metrics/coco_metric.h"
#include "pinfeed/schemas/metric_schema.h"
#include "pinfeed/schemas/preprocessor_schema.h"
#include "pinfeed/train/input/feed.h"
#include "pinfeed/train/loop/ground_truth.h"
#include "pinfeed/train/loop/model_evaluator.h"

namespace pinfeed {

/// Evaluates a detector by the COCO metric (docs/specs/openmmlab-data.md, 6).
class CocoEvaluator : public Evaluator {
 public:
  /// Reads the config's val_dataloader and val_evaluator and checks that they, the model's
  /// num_classes and outfile_prefix fit together. Adds to `warnings` what the user should know.
  /// Throws Error(config), Error(data).
  CocoEvaluator(const Value& config, const Catalogs& catalogs, const LoaderOptions& options,
                const Preprocessing& preprocessing, torch::Device device,
                std::vector<std::string>& warnings);

  void begin() override;
  std::optional<ValidationStep> step(Model& model) override;
  Validation finish() override;

  /// The detections since begin(), and the ground truth.
  const CocoMetric& metric() const { return metric_; }
  /// The metrics of the last validation, as they were logged; empty before one has ended.
  const std::optional<Scalars>& metrics() const { return metrics_; }
  /// The data set, with the category ids of the detections.
  Dataset dataset() const;
  /// The names of the metrics.
  MetricNames metric_names() const;
  /// As Loader::warn_to().
  void warn_to(const std::function<void(const std::string&)>& warn) { loader_->warn_to(warn); }

 private:
  Scalars computed_metrics() const;

  std::shared_ptr<Loader> loader_;
  std::unique_ptr<Feed> feed_;
  CocoMetricParams params_;
  GroundTruth truth_;
  CocoMetric metric_;
  std::optional<Scalars> metrics_ = {};
  ValidationStep step_ = {};
  double start_ = 0.0;   // when the validation began, seconds of clock_seconds()
  double waited_ = 0.0;  // for data, seconds
};

}  // namespace pinfeed

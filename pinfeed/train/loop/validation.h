// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/metrics/coco_metric.h"
#include "pinfeed/schemas/metric_schema.h"
#include "pinfeed/train/input/feed.h"
#include "pinfeed/train/loop/trainer.h"

namespace pinfeed {

/// A validation set, and the metric of a detector on it.
class Evaluator {
 public:
  /// Of the config's val_dataloader and val_evaluator. `warnings` gets what the user should know.
  Evaluator(const Value& config, const Catalogs& catalogs, const LoaderOptions& options,
            const Preprocessing& preprocessing, torch::Device device,
            std::vector<std::string>& warnings);

  /// Detects on every image, from the first on. The model must be in eval mode.
  std::optional<Validation> run(Model& model,
                                const std::function<bool(const ValidationStep&)>& goes_on);

  /// What the last run found.
  const CocoMetric& metric() const { return metric_; }
  const Dataset& dataset() const { return loader_->dataset(); }
  /// As Loader::warn_to().
  void warn_to(const std::function<void(const std::string&)>& warn) { loader_->warn_to(warn); }

 private:
  Scalars metrics() const;

  std::shared_ptr<Loader> loader_;
  Feed feed_;
  CocoMetricParams params_;
  CocoMetric metric_;
};

}  // namespace pinfeed

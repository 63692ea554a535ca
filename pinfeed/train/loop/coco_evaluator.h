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
#include "pinfeed/metrics/voc_metric.h"
#include "pinfeed/schemas/evaluator_list.h"
#include "pinfeed/schemas/preprocessor_schema.h"
#include "pinfeed/train/distributed/process_group.h"
#include "pinfeed/train/entry_points.h"
#include "pinfeed/train/input/feed.h"
#include "pinfeed/train/loop/ground_truth.h"
#include "pinfeed/train/loop/model_evaluator.h"

namespace pinfeed {

/// Evaluates a detector by the metrics of COCO, LVIS and Pascal VOC (docs/specs/openmmlab-data.md,
/// 6). With several ranks each one evaluates every world_size-th batch; rank 0 collects the
/// detections in the order of one process, and all ranks get its metrics.
class CocoEvaluator : public Evaluator {
 public:
  /// `group` is null for one process. Reads the config's val_dataloader and val_evaluator, or with
  /// the split "test" those of the test, and checks that they, the model's num_classes and masks,
  /// and outfile_prefix fit together. Adds to `warnings` what the user should know. Throws
  /// Error(config), Error(data).
  CocoEvaluator(const Value& config, const std::string& split, const Catalogs& catalogs,
                const LoaderOptions& options, const Preprocessing& preprocessing,
                torch::Device device, std::shared_ptr<ProcessGroup> group,
                std::vector<std::string>& warnings);

  void begin() override;
  std::optional<ValidationStep> step(Model& model) override;
  Validation finish() override;

  /// The detections since begin(), with category ids of dataset().
  std::vector<CocoDetection> detections() const;
  /// Writes them to `boxes`, and if masks are evaluated, their masks to `masks`. Returns the names
  /// of the files.
  std::vector<std::string> write_results(const std::string& boxes, const std::string& masks) const;
  /// COCOeval with pycocotools' maxima, for the boxes and masks of each CocoMetric that measures
  /// their precision.
  std::vector<NamedEvaluation> evaluations() const;
  /// Whether metrics() has values that are no part of evaluations().
  bool has_other_metrics() const;
  /// The metrics of the last validation, as they were logged; empty before one has ended.
  const std::optional<Scalars>& metrics() const { return metrics_; }
  /// Whether detections() are those of a whole validation.
  bool finished() const { return finished_; }
  /// What the detections are compared with: the file of the first evaluator that has one, or else
  /// the objects of the data set.
  std::shared_ptr<const CocoFile> truth() const;
  /// The data set, with the category ids of the detections.
  Dataset dataset() const;
  /// The names of the metrics.
  MetricNames metric_names() const;
  /// As Loader::warn_to(); finish() calls `warn` too.
  void warn_to(const std::function<void(const std::string&)>& warn);

 private:
  // An evaluator that compares with a COCO or LVIS file.
  struct CocoPart {
    std::shared_ptr<const CocoMetric> metric = {};  // that collects the detections
    std::vector<std::int64_t> category_ids = {};    // of each label
    std::optional<std::string> outfile_prefix = {};
    bool summarized = true;  // by evaluations()
  };
  bool collects() const { return group_ == nullptr || group_->is_first(); }
  /// False when there is no batch left.
  bool evaluate_batch(Model& model);
  void add(const ImageDetections& image);
  /// Adds the detections that the ranks have found, on rank 0.
  void collect();
  void write_files() const;
  Scalars measured() const;
  void add_metric(const EvaluatorParams& params);
  void add_coco(const CocoMetricParams& params);
  void add_lvis(const LvisMetricParams& params);
  const CocoMetric* metric_with_masks() const;

  std::string split_;  // "val" or "test"
  std::shared_ptr<ProcessGroup> group_;
  std::shared_ptr<Loader> loader_;
  std::unique_ptr<Feed> feed_;
  std::vector<EvaluatorParams> params_;
  std::vector<std::shared_ptr<DetectionMetric>> metrics_of_params_ = {};
  std::vector<CocoPart> coco_ = {};                   // those of CocoMetric and LVISMetric
  std::vector<std::shared_ptr<VocMetric>> voc_ = {};  // those of VOCMetric
  std::optional<Scalars> metrics_ = {};
  std::function<void(const std::string&)> warn_ = {};
  bool finished_ = false;
  ValidationStep step_ = {};
  std::string found_ = {};  // with several ranks: the detections of each batch of this one
  double start_ = 0.0;      // when the validation began, seconds of clock_seconds()
  double waited_ = 0.0;     // for data, seconds
};

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.7.
#include "pinfeed/train/loop/coco_evaluator.h"

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "pinfeed/core/clock.h"
#include "pinfeed/core/error.h"
#include "pinfeed/schemas/model_list.h"
#include "pinfeed/train/input/make_feed.h"
#include "pinfeed/train/loop/detection_bytes.h"
#include "pinfeed/train/loop/host_detections.h"
#include "pinfeed/train/loop/scalars_of_ranks.h"

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

std::shared_ptr<Loader> evaluation_loader(const Value& config, const std::string& section,
                                          const Catalogs& catalogs, const LoaderOptions& options) {
  LoaderOptions whole = options;
  whole.whole_batches = true;
  auto loader = std::make_shared<Loader>(make_loader(config, section, catalogs, whole));
  // A later rank may have none.
  if (options.rank == 0) require_batches(*loader, config, section);
  check_class_counts(config, loader->dataset().metainfo, section);
  return loader;
}

std::optional<std::string> text_of(const std::optional<WrittenPath>& path) {
  return path ? std::optional(path->text) : std::nullopt;
}

LvisRules lvis_rules(const LvisMetricParams& params, const CocoFile& truth,
                     const std::string& split) {
  try {
    return read_lvis_rules(truth.path);
  } catch (Error& error) {
    if (params.ann_file) error.at(params.ann_file->span);
    throw error
        .inside(params.ann_file ? params.ann_file->config_path : split + "_dataloader.dataset")
        .help("LVISMetric needs an LVIS file: name it as ann_file");
  }
}

void require_id(const DetDataSample& sample) {
  if (sample.has_img_id) return;
  throw Error(ErrorKind::data, "a sample of the evaluation has no 'img_id' in its metadata")
      .help("name it in meta_keys of the step that packs the sample");
}

}  // namespace

CocoEvaluator::CocoEvaluator(const Value& config, const std::string& split,
                             const Catalogs& catalogs, const LoaderOptions& options,
                             const Preprocessing& preprocessing, torch::Device device,
                             std::shared_ptr<ProcessGroup> group,
                             std::vector<std::string>& warnings)
    : split_(split),
      group_(std::move(group)),
      loader_(evaluation_loader(config, split + "_dataloader", catalogs, options)),
      feed_(make_feed(loader_,
                      for_evaluation(fitted(preprocessing, loader_->dataset().metainfo, warnings)),
                      device)),
      params_(read_evaluators(config, split + "_evaluator")) {
  check_mask_head(config, params_, split + "_evaluator");
  for (const EvaluatorParams& params : params_) add_metric(params);
  warn_if_unnormalized(config, split + "_dataloader", preprocessing, loader_->dataset().metainfo,
                       warnings);
}

void CocoEvaluator::add_metric(const EvaluatorParams& params) {
  if (const auto* voc = std::get_if<VocMetricParams>(&params)) {
    voc_.push_back(
        std::make_shared<VocMetric>(voc_truth(loader_->dataset(), split_), metric_options(*voc)));
    metrics_of_params_.push_back(voc_.back());
    return;
  }
  if (const auto* lvis = std::get_if<LvisMetricParams>(&params)) return add_lvis(*lvis);
  add_coco(std::get<CocoMetricParams>(params));
}

void CocoEvaluator::add_coco(const CocoMetricParams& params) {
  require_folder(params.outfile_prefix);
  GroundTruth truth = ground_truth(params, loader_->dataset(), split_);
  const auto metric = std::make_shared<CocoMetric>(truth.file, truth.category_ids,
                                                   metric_options(params), std::move(truth.masks));
  metrics_of_params_.push_back(metric);
  coco_.push_back({.metric = metric,
                   .category_ids = truth.category_ids,
                   .outfile_prefix = text_of(params.outfile_prefix)});
}

void CocoEvaluator::add_lvis(const LvisMetricParams& params) {
  require_folder(params.outfile_prefix);
  GroundTruth truth = ground_truth({.ann_file = params.ann_file, .metric = params.metric},
                                   loader_->dataset(), split_);
  const auto metric = std::make_shared<LvisMetric>(
      truth.file, lvis_rules(params, *truth.file, split_), truth.category_ids,
      metric_options(params), std::move(truth.masks));
  metrics_of_params_.push_back(metric);
  coco_.push_back({.metric = {metric, &metric->collected()},
                   .category_ids = truth.category_ids,
                   .outfile_prefix = text_of(params.outfile_prefix),
                   .summarized = false});
}

Dataset CocoEvaluator::dataset() const {
  Dataset dataset = loader_->dataset();
  std::vector<std::int64_t>& ids = dataset.metainfo.category_ids;
  if (!coco_.empty()) {
    ids = coco_.front().category_ids;
  } else {
    ids.resize(label_names(dataset.metainfo).size());
    std::iota(ids.begin(), ids.end(), 0);
  }
  return dataset;
}

MetricNames CocoEvaluator::metric_names() const {
  return pinfeed::metric_names(params_, label_names(loader_->dataset().metainfo));
}

std::vector<CocoDetection> CocoEvaluator::detections() const {
  return coco_.empty() ? voc_.front()->detections() : coco_.front().metric->detections();
}

std::shared_ptr<const CocoFile> CocoEvaluator::truth() const {
  if (coco_.empty()) return ground_truth({}, loader_->dataset(), split_).file;
  const std::shared_ptr<const CocoMetric>& metric = coco_.front().metric;
  return {metric, &metric->truth()};
}

const CocoMetric* CocoEvaluator::metric_with_masks() const {
  for (const CocoPart& part : coco_) {
    if (part.metric->options().has(CocoMeasure::segm)) return part.metric.get();
  }
  return nullptr;
}

std::vector<std::string> CocoEvaluator::write_results(const std::string& boxes,
                                                      const std::string& masks) const {
  std::vector<std::string> written = {boxes};
  write_coco_results(detections(), boxes);
  if (const CocoMetric* metric = metric_with_masks()) {
    write_coco_results(metric->detections(), metric->masks(), masks);
    written.push_back(masks);
  }
  return written;
}

std::vector<NamedEvaluation> CocoEvaluator::evaluations() const {
  std::vector<NamedEvaluation> all;
  for (const CocoPart& part : coco_) {
    if (!part.summarized) continue;
    const CocoMetricOptions& options = part.metric->options();
    for (const IouType type : {IouType::bbox, IouType::segm}) {
      const bool boxes = type == IouType::bbox;
      if (!options.has(boxes ? CocoMeasure::bbox : CocoMeasure::segm)) continue;
      all.push_back({options.prefix + "/" + name_of(type),
                     part.metric->evaluation(type, coco_max_detections)});
    }
  }
  return all;
}

bool CocoEvaluator::has_other_metrics() const {
  return !voc_.empty() || std::any_of(coco_.begin(), coco_.end(), [](const CocoPart& part) {
    const CocoMetricOptions& options = part.metric->options();
    return !part.summarized || options.has(CocoMeasure::proposal) ||
           options.has(CocoMeasure::proposal_fast);
  });
}

void CocoEvaluator::warn_to(const std::function<void(const std::string&)>& warn) {
  loader_->warn_to(warn);
  warn_ = warn;
}

void CocoEvaluator::begin() {
  for (const auto& metric : metrics_of_params_) metric->reset();
  finished_ = false;
  feed_->seek({0, 0});
  step_ = {.batches = feed_->batches_per_epoch()};
  // Rank 0 has the most batches. All ranks make as many steps.
  if (group_) step_.batches = std::stoll(group_->broadcast(std::to_string(step_.batches)));
  found_.clear();
  start_ = clock_seconds();
  waited_ = 0.0;
}

std::optional<ValidationStep> CocoEvaluator::step(Model& model) {
  if (step_.batch >= step_.batches) return std::nullopt;
  if (step_.batch < feed_->batches_per_epoch() && !evaluate_batch(model)) return std::nullopt;
  ++step_.batch;
  step_.time = (clock_seconds() - start_) / static_cast<double>(step_.batch);
  step_.data_time = waited_ / static_cast<double>(step_.batch);
  return step_;
}

bool CocoEvaluator::evaluate_batch(Model& model) {
  const torch::NoGradGuard no_gradients;
  const double before = clock_seconds();
  const std::optional<ModelInput> input = feed_->next();
  if (!input) return false;
  waited_ += clock_seconds() - before;
  const std::vector<Detections> found = model.predict(*input);
  std::string bytes;
  for (std::size_t i = 0; i < found.size(); ++i) {
    require_id(input->data_samples[i]);
    const HostDetections host(found[i]);
    const ImageDetections image = {.image_id = input->data_samples[i].img_id,
                                   .boxes = host.boxes(),
                                   .scores = host.scores(),
                                   .labels = host.labels(),
                                   .masks = host.masks()};
    group_ ? append_detections(bytes, image) : add(image);
  }
  if (group_) append_text(found_, bytes);
  return true;
}

void CocoEvaluator::add(const ImageDetections& image) {
  for (const auto& metric : metrics_of_params_) metric->add(image);
}

// Batch b of rank r is batch b * world_size + r of one process.
void CocoEvaluator::collect() {
  if (!group_) return;
  const std::vector<std::string> all = group_->gather(found_);
  std::vector<std::string_view> rest(all.begin(), all.end());
  for (bool more = true; more;) {
    more = false;
    for (std::string_view& of_rank : rest) {
      if (of_rank.empty()) continue;
      std::string_view batch = take_text(of_rank);
      while (!batch.empty()) add(take_detections(batch).view());
      more = true;
    }
  }
}

void CocoEvaluator::write_files() const {
  for (const CocoPart& part : coco_) {
    if (!part.outfile_prefix) continue;
    const CocoMetric& metric = *part.metric;
    write_coco_results(metric.detections(), *part.outfile_prefix + ".bbox.json");
    if (!metric.options().has(CocoMeasure::segm)) continue;
    write_coco_results(metric.detections(), metric.masks(), *part.outfile_prefix + ".segm.json");
  }
}

Scalars CocoEvaluator::measured() const {
  Scalars values;
  std::vector<std::string> warnings;
  for (const auto& metric : metrics_of_params_) {
    for (const auto& [name, value] : metric->evaluate(warnings)) values.emplace_back(name, value);
  }
  for (const std::string& warning : warnings) {
    if (warn_) warn_(warning);
  }
  return values;
}

Validation CocoEvaluator::finish() {
  collect();
  Scalars values;
  if (collects()) {
    write_files();
    values = measured();
  }
  if (group_) values = broadcast(*group_, values);
  metrics_ = values;
  finished_ = true;
  return {.metrics = values, .last_step = step_};
}

}  // namespace pinfeed

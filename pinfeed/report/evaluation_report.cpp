// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/report/evaluation_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "pinfeed/metrics/class_precision.h"
#include "pinfeed/report/error_pictures.h"
#include "pinfeed/report/html_text.h"

namespace pinfeed {
namespace {

constexpr std::size_t most_confused = 20;
constexpr std::size_t most_curves = 200;
constexpr std::size_t iou_75 = 5;  // positions of thresholds

Series over_recall(const std::string& name) {
  Series curve{.name = name};
  for (std::size_t i = 0; i < recall_points; ++i)
    curve.x.push_back(static_cast<double>(i) / static_cast<double>(recall_points - 1));
  curve.y.resize(recall_points);
  return curve;
}

// The mean over the classes with ground truth and the thresholds first .. end - 1.
Series mean_curve(const std::string& name, const std::vector<ClassPrecision>& classes,
                  std::size_t first, std::size_t end) {
  Series curve = over_recall(name);
  for (std::size_t r = 0; r < recall_points; ++r) {
    double sum = 0.0;
    int values = 0;
    for (const ClassPrecision& one : classes) {
      for (std::size_t t = first; t < end; ++t) {
        if (one.table[t][r] < 0.0) continue;
        sum += one.table[t][r];
        ++values;
      }
    }
    curve.y[r] = values == 0 ? std::nan("") : sum / values;
  }
  return curve;
}

std::vector<PageChart> precision_charts(const std::vector<ClassPrecision>& classes) {
  const auto has_truth = [](const ClassPrecision& one) { return one.ap >= 0.0; };
  if (std::none_of(classes.begin(), classes.end(), has_truth)) return {};
  PageChart all{.title = "Mean of the classes",
                .x_title = "recall",
                .curves = {mean_curve("IoU 0.50", classes, 0, 1),
                           mean_curve("IoU 0.75", classes, iou_75, iou_75 + 1),
                           mean_curve("mean of IoU 0.50 to 0.95", classes, 0, iou_thresholds)},
                .fractions = true};
  PageChart each{.title = "Each class, IoU 0.50", .x_title = "recall", .fractions = true};
  for (const ClassPrecision& one : classes) {
    if (!has_truth(one) || each.curves.size() == most_curves) continue;
    Series curve = over_recall(one.category.name);
    std::copy(one.table[0].begin(), one.table[0].end(), curve.y.begin());
    each.curves.push_back(std::move(curve));
  }
  each.one_color = each.curves.size() > 8;
  return {std::move(all), std::move(each)};
}

// The rows of each category: ground truths without crowds, and detections of at least `score`.
using Counts = std::unordered_map<std::int64_t, std::pair<std::int64_t, std::int64_t>>;

Counts counts_of(const EvaluatedDetections& found) {
  Counts counts;
  for (const CocoAnnotation& one : found.truth.annotations)
    counts[one.category_id].first += one.crowd ? 0 : 1;
  for (const CocoDetection& one : found.detections)
    counts[one.category_id].second += one.score >= found.rule.score ? 1 : 0;
  return counts;
}

// By falling AP; those without ground truth last.
std::vector<PageClass> classes_of(const EvaluatedDetections& found,
                                  const std::vector<ClassPrecision>& precisions) {
  const auto measured = [](double value) { return value < 0.0 ? std::nan("") : value; };
  Counts counts = counts_of(found);
  std::vector<PageClass> classes;
  for (const ClassPrecision& one : precisions) {
    const auto [objects, detections] = counts[one.category.id];
    classes.push_back({.name = one.category.name,
                       .ap = measured(one.ap),
                       .ap50 = measured(one.ap50),
                       .ap75 = measured(one.ap75),
                       .objects = objects,
                       .detections = detections});
  }
  const auto key = [](const PageClass& one) { return std::isnan(one.ap) ? -1.0 : one.ap; };
  std::stable_sort(classes.begin(), classes.end(),
                   [&](const PageClass& a, const PageClass& b) { return key(a) > key(b); });
  return classes;
}

std::string rules_note(const EvaluatedDetections& found) {
  return fmt::format(
      "{} images, {} detections. Precision, recall and AP of the classes are those of boxes by the "
      "rules of COCO, with at most 100 detections of an image and class.",
      grouped(static_cast<std::int64_t>(found.truth.images.size())),
      grouped(static_cast<std::int64_t>(found.detections.size())));
}

}  // namespace

PageConfusion confusion_of(const ConfusionMatrix& matrix, std::size_t most) {
  const std::size_t classes = matrix.categories.size();
  std::vector<std::int64_t> errors(classes);
  for (std::size_t i = 0; i < classes; ++i) {
    for (std::size_t k = 0; k < classes; ++k) {
      if (i != k) errors[i] += matrix.at(i, k) + matrix.at(k, i);
    }
  }
  std::vector<std::size_t> kept(classes);
  std::iota(kept.begin(), kept.end(), std::size_t{0});
  if (classes > most) {
    std::stable_sort(kept.begin(), kept.end(),
                     [&](std::size_t a, std::size_t b) { return errors[a] > errors[b]; });
    kept.resize(most);
    std::sort(kept.begin(), kept.end());
  }
  PageConfusion part{.classes = classes};
  for (const std::size_t i : kept) part.names.push_back(matrix.categories[i].name);
  kept.push_back(classes);  // the background
  for (const std::size_t row : kept) {
    for (const std::size_t column : kept) part.counts.push_back(matrix.at(row, column));
  }
  return part;
}

PageEvaluation evaluation_report(const EvaluatedDetections& found) {
  const std::vector<ClassPrecision> precisions = class_precisions(found.truth, found.detections);
  const std::vector<ImagePairs> images = pair_objects(found.truth, found.detections, found.rule);
  PageEvaluation report{.metrics = found.metrics,
                        .precision = precision_charts(precisions),
                        .classes = classes_of(found, precisions),
                        .pictures = error_pictures(found, images),
                        .images = static_cast<std::int64_t>(images.size()),
                        .note = rules_note(found)};
  report.confusion =
      confusion_of(confusion_matrix(found.truth, found.detections, images), most_confused);
  report.confusion->iou = found.rule.iou;
  report.confusion->score = found.rule.score;
  return report;
}

}  // namespace pinfeed

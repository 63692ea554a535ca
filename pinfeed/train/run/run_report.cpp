// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/run/run_report.h"

#include "pinfeed/core/error.h"
#include "pinfeed/metrics/coco_metric.h"
#include "pinfeed/train/logging/report.h"

namespace pinfeed {
namespace {

void write_report(const CocoEvaluator* evaluator, RunLog& log) {
  const std::string curves = log.work_dir() + "/curves.svg";
  if (draw_curves(log.work_dir(), curves)) log.info("loss and learning rate: " + curves);
  if (evaluator == nullptr || !evaluator->metrics()) return;
  const CocoMetric& metric = evaluator->metric();
  write_metrics(*evaluator->metrics(), log.work_dir() + "/metrics.json");
  write_coco_results(metric.detections(), log.work_dir() + "/results.bbox.json");
  const std::string folder = log.work_dir() + "/detections";
  draw_detections(evaluator->dataset(), metric.detections(), drawn_score, drawn_images, folder);
  log.info("detections: " + folder + ", metrics: " + log.work_dir() + "/metrics.json");
}

}  // namespace

void report_training(const CocoEvaluator* evaluator, RunLog& log) {
  constexpr auto incomplete = "the report of the training is incomplete: ";
  try {
    write_report(evaluator, log);
  } catch (const Error& error) {
    log.warning(incomplete + error.text());
  } catch (const std::exception& error) {
    log.warning(incomplete + std::string(error.what()));
  }
}

}  // namespace pinfeed

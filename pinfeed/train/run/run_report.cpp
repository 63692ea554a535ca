// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/run/run_report.h"

#include "pinfeed/core/error.h"
#include "pinfeed/train/logging/report.h"

namespace pinfeed {
namespace {

void write_report(const Trainer& trainer, const CocoEvaluator* evaluator, RunLog& log) {
  const std::string curves = log.work_dir() + "/curves.svg";
  if (draw_curves(log.work_dir(), curves)) log.info("loss and learning rate: " + curves);
  if (evaluator == nullptr || !evaluator->metrics()) return;
  write_metrics(*evaluator->metrics(), log.work_dir() + "/metrics.json");
  evaluator->write_results(log.work_dir() + "/results.bbox.json",
                           log.work_dir() + "/results.segm.json");
  const std::string folder = log.work_dir() + "/detections";
  trainer.show_images(draw_detections(evaluator->dataset(), evaluator->detections(), drawn_score,
                                      drawn_images, folder));
  log.info("detections: " + folder + ", metrics: " + log.work_dir() + "/metrics.json");
}

}  // namespace

void report_training(const Trainer& trainer, const CocoEvaluator* evaluator, RunLog& log) {
  constexpr auto incomplete = "the report of the training is incomplete: ";
  try {
    write_report(trainer, evaluator, log);
  } catch (const Error& error) {
    log.warning(incomplete + error.text());
  } catch (const std::exception& error) {
    log.warning(incomplete + std::string(error.what()));
  }
}

}  // namespace pinfeed

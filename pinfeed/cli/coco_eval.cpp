// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "pinfeed/annotations/coco_file.h"
#include "pinfeed/cli/command.h"
#include "pinfeed/cli/evaluation_text.h"
#include "pinfeed/metrics/detection_metric.h"

namespace pinfeed::cli {
namespace {

struct CocoEvalCommand {
  std::string annotations = {};
  std::string results = {};
  std::string iou_type = "bbox";
  bool json = false;
};

void run(const CocoEvalCommand& arguments) {
  const CocoFile truth = read_coco_truth(arguments.annotations);
  const CocoResults results = read_coco_results(arguments.results);
  const IouType type = arguments.iou_type == "segm" ? IouType::segm : IouType::bbox;
  const CocoEvaluation evaluation = evaluate_results(truth, results, type);
  if (evaluation.masks_of_other_size > 0) {
    say("warning: " + other_size_warning(evaluation.masks_of_other_size, arguments.results));
  }
  if (arguments.json) return print(json_of(evaluation));
  for (const std::string& line : summary_lines(evaluation)) print(line);
}

}  // namespace

void add_coco_eval(CLI::App& app) {
  const auto arguments = std::make_shared<CocoEvalCommand>();
  CLI::App* command =
      app.add_subcommand("coco-eval", "evaluates detections: the twelve numbers of COCOeval");
  command->add_option("annotations", arguments->annotations, "ground truth, a COCO file")
      ->required();
  command->add_option("results", arguments->results, "detections, a COCO results file")->required();
  command->add_option("--iou-type", arguments->iou_type, "bbox or segm")
      ->check(CLI::IsMember({"bbox", "segm"}));
  command->add_flag("--json", arguments->json, "print one line of JSON, with 17 digits");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace pinfeed::cli

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <filesystem>

#include "pinfeed/core/error.h"
#include "pinfeed/report/page_html.h"
#include "pinfeed/schemas/model_list.h"
#include "pinfeed/schemas/run_settings.h"
#include "pinfeed/schemas/validation_schema.h"
#include "pinfeed/train/hooks/make_hooks.h"
#include "pinfeed/train/input/torch_device.h"
#include "pinfeed/train/logging/report.h"
#include "pinfeed/train/loop/coco_evaluator.h"
#include "pinfeed/train/loop/evaluation.h"
#include "pinfeed/train/loop/runner.h"
#include "pinfeed/train/run/built_model.h"
#include "pinfeed/train/run/ranks_of_run.h"
#include "pinfeed/train/run/run.h"
#include "pinfeed/train/run/run_page.h"
#include "pinfeed/train/run/run_report.h"
#include "pinfeed/train/run/start_of_ranks.h"

namespace pinfeed {
namespace {

// "found.segm.json" for "found.json".
std::string mask_file_beside(const std::string& boxes) {
  std::filesystem::path path = boxes;
  return path.replace_extension(".segm.json").string();
}

// A test has a log in the work dir and calls the hooks of the config, as a training does.
void run_test(const EvalArguments& arguments, const std::shared_ptr<Model>& model,
              ProcessGroup* group, CocoEvaluator& evaluator) {
  const Value& config = arguments.config.root;
  const std::string work_dir =
      arguments.work_dir.value_or(work_dir_of(config, arguments.config.path));
  RunLog log = open_log(work_dir, group, arguments.print_line);
  const Hooks hooks = read_hooks(config, arguments.catalogs.hooks);
  Runner runner{.model = model,
                .log = &log,
                .message_hub = MessageHub(hooks.log),
                .hooks = make_hooks(hooks)};
  test(runner, evaluator);
}

EvalReport evaluate_checkpoint(const EvalArguments& arguments, torch::Device device,
                               const std::shared_ptr<ProcessGroup>& group) {
  const Value& config = arguments.config.root;
  const std::string& split = arguments.split;
  if (!has_evaluation(config, split)) {
    throw Error(ErrorKind::config, "the config has nothing to evaluate on")
        .help(fmt::format("it needs {0}_dataloader, {0}_cfg and {0}_evaluator", split));
  }
  check_model(config, arguments.catalogs.models);
  check_packed_keys(config, split + "_dataloader");
  std::vector<std::string> warnings;
  const std::shared_ptr<Model> model = model_with_weights(
      config, arguments.catalogs.models, arguments.checkpoint, device, arguments.print_line);
  LoaderOptions options = loader_options(config);
  options.device = slots_for(device);
  set_ranks(options, arguments.ranks, group.get());
  std::optional<CocoEvaluator> made;
  in_turns(group.get(), arguments.ranks, [&] {
    made.emplace(config, split, arguments.catalogs, options, read_preprocessing(config), device,
                 group, warnings);
  });
  CocoEvaluator& evaluator = *made;
  if (arguments.print_line) {
    const auto warn = [&](const std::string& text) { arguments.print_line("warning: " + text); };
    for (const std::string& warning : warnings) warn(warning);
    evaluator.warn_to(warn);
  }
  if (split == "test") {
    run_test(arguments, model, group.get(), evaluator);
  } else {
    model->eval();
    evaluator.begin();
    while (evaluator.step(*model)) continue;
    evaluator.finish();
  }
  if (group) group->finish();
  if (arguments.ranks.rank > 0) return {};
  EvalReport report{.evaluations = evaluator.evaluations()};
  if (evaluator.has_other_metrics()) report.metrics = *evaluator.metrics();
  if (arguments.out) {
    report.files = evaluator.write_results(*arguments.out, mask_file_beside(*arguments.out));
  }
  if (arguments.report) {
    write_page(evaluation_page(arguments, evaluator, device.str()), *arguments.report);
    report.files.push_back(*arguments.report);
  }
  if (arguments.work_dir) {
    report.images = draw_detections(evaluator.dataset(), evaluator.detections(), drawn_score,
                                    drawn_images, *arguments.work_dir + "/detections");
  }
  return report;
}

}  // namespace

EvalReport run_evaluation(const EvalArguments& arguments) {
  const torch::Device device = device_of(arguments.device, arguments.ranks);
  const auto group =
      make_group(arguments.ranks, device, read_distributed_settings(arguments.config.root).timeout);
  try {
    if (group) {
      const std::string name = std::filesystem::path(arguments.checkpoint).filename().string();
      require_same_start(*group, {"split " + arguments.split, "checkpoint " + name},
                         arguments.config.root);
    }
    return evaluate_checkpoint(arguments, device, group);
  } catch (const std::exception& error) {
    if (group) group->announce_failure(error.what());
    throw;
  }
}

}  // namespace pinfeed

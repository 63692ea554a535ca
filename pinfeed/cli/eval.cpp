// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>
#include <utility>

#include "pinfeed/cli/command.h"
#include "pinfeed/cli/evaluation_text.h"
#include "pinfeed/cli/rank_processes.h"
#include "pinfeed/cli/train_library.h"
#include "pinfeed/core/text.h"

namespace pinfeed::cli {
namespace {

struct EvalCommand {
  std::string split = {};
  ConfigArguments config = {};
  std::string checkpoint = {};
  std::string out = {};
  std::string work_dir = {};
  std::string report = {};
  std::string device = "auto";
  LauncherArguments launcher = {};
  int nproc = 0;  // 0: this process alone
  bool json = false;
};

void print_json(const EvalReport& report) {
  for (const NamedEvaluation& one : report.evaluations) print(json_of(one.evaluation));
  if (!report.metrics.empty()) print(json_of(report.metrics));
}

// The twelve lines of each evaluation, under its name if there are several.
void print_text(const EvalReport& report) {
  for (const NamedEvaluation& one : report.evaluations) {
    if (report.evaluations.size() > 1) print(one.name + ":");
    for (const std::string& line : summary_lines(one.evaluation)) print(line);
  }
  for (const auto& [name, value] : report.metrics) print(fmt::format("{}: {:.4f}", name, value));
}

std::string command_line(const EvalCommand& arguments) {
  std::string line = "pinfeed " + std::string(arguments.split == "val" ? "eval " : "test ") +
                     shell_word(arguments.config.path) + " " + shell_word(arguments.checkpoint);
  if (!arguments.config.cfg_options.empty()) line += " --cfg-options";
  for (const std::string& option : arguments.config.cfg_options) line += " " + shell_word(option);
  return line;
}

void run(const EvalCommand& arguments) {
  const auto optional = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
  };
  run_as_ranks(arguments.nproc);
  Config config = arguments.config.read_to_run();
  const Ranks ranks = arguments.launcher.ranks(config.root);
  print_as_rank(ranks);
  const EvalReport report = TrainLibrary().eval({.split = arguments.split,
                                                 .config = std::move(config),
                                                 .catalogs = arguments.config.catalogs(),
                                                 .checkpoint = arguments.checkpoint,
                                                 .out = optional(arguments.out),
                                                 .work_dir = optional(arguments.work_dir),
                                                 .report = optional(arguments.report),
                                                 .command = command_line(arguments),
                                                 .device = arguments.device,
                                                 .ranks = ranks,
                                                 .print_line = say});
  for (const std::string& file : report.files) say("wrote " + file);
  for (const std::string& image : report.images) say("wrote " + image);
  if (arguments.json)
    print_json(report);
  else
    print_text(report);
}

void add_evaluation(CLI::App& app, const char* name, const char* split, const char* meaning,
                    const char* work_dir) {
  const auto arguments = std::make_shared<EvalCommand>();
  arguments->split = split;
  CLI::App* command = app.add_subcommand(name, meaning);
  add_config_arguments(*command, arguments->config);
  command->add_option("checkpoint", arguments->checkpoint, "a .safetensors or .pth file")
      ->required();
  command->add_option("--out", arguments->out,
                      "write the detections to a COCO results file, and masks to NAME.segm.json");
  command->add_option("--work-dir", arguments->work_dir, work_dir);
  command
      ->add_option("--report", arguments->report,
                   "write a page with curves of precision, classes and pictures to this file")
      ->check(file_ending({".html"}));
  command->add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N")
      ->check(device_name());
  add_launcher_option(*command, arguments->launcher);
  add_nproc_option(*command, arguments->nproc);
  add_weights_dir(*command);
  command->add_flag("--json", arguments->json,
                    "print a line of JSON for each evaluation, with 17 digits");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace

void add_eval(CLI::App& app) {
  add_evaluation(app, "eval", "val", "evaluates a checkpoint on val_dataloader by val_evaluator",
                 "write images with detections to this folder");
}

void add_test(CLI::App& app) {
  add_evaluation(app, "test", "test", "evaluates a checkpoint on test_dataloader by test_evaluator",
                 "folder of the log and of images with detections (default: only the log, in "
                 "work_dirs/<config name>)");
}

}  // namespace pinfeed::cli

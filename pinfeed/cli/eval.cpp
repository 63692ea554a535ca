// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "pinfeed/cli/command.h"
#include "pinfeed/cli/evaluation_text.h"
#include "pinfeed/cli/train_library.h"

namespace pinfeed::cli {
namespace {

struct EvalCommand {
  ConfigArguments config = {};
  std::string checkpoint = {};
  std::string out = {};
  std::string work_dir = {};
  std::string device = "auto";
  bool json = false;
};

void run(const EvalCommand& arguments) {
  const auto optional = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
  };
  const EvalReport report = TrainLibrary().eval({.config = arguments.config.read_to_run(),
                                                 .catalogs = arguments.config.catalogs(),
                                                 .checkpoint = arguments.checkpoint,
                                                 .out = optional(arguments.out),
                                                 .work_dir = optional(arguments.work_dir),
                                                 .device = arguments.device,
                                                 .print_line = say});
  for (const std::string& image : report.images) say("wrote " + image);
  if (arguments.json) return print(json_of(report.evaluation));
  for (const std::string& line : summary_lines(report.evaluation)) print(line);
}

}  // namespace

void add_eval(CLI::App& app) {
  const auto arguments = std::make_shared<EvalCommand>();
  CLI::App* command = app.add_subcommand("eval", "evaluates a checkpoint on the validation set");
  add_config_arguments(*command, arguments->config);
  command->add_option("checkpoint", arguments->checkpoint, "a .safetensors or .pth file")
      ->required();
  command->add_option("--out", arguments->out, "write the detections to a COCO results file");
  command->add_option("--work-dir", arguments->work_dir,
                      "write images with detections to this folder");
  command->add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N")
      ->check(device_name());
  add_weights_dir(*command);
  command->add_flag("--json", arguments->json, "print one line of JSON, with 17 digits");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace pinfeed::cli

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
  const auto wanted = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
  };
  const EvalReport report = TrainLibrary().eval({.config = arguments.config.read_to_run(),
                                                 .catalogs = arguments.config.catalogs(),
                                                 .checkpoint = arguments.checkpoint,
                                                 .out = wanted(arguments.out),
                                                 .work_dir = wanted(arguments.work_dir),
                                                 .device = arguments.device,
                                                 .print_line = say});
  for (const std::string& image : report.images) say("drew " + image);
  if (arguments.json) return print(json_of(report.evaluation));
  for (const std::string& line : summary_lines(report.evaluation)) print(line);
}

}  // namespace

void add_eval(CLI::App& app) {
  const auto arguments = std::make_shared<EvalCommand>();
  CLI::App* command = app.add_subcommand("eval", "measures a checkpoint on the validation set");
  add_config_arguments(*command, arguments->config);
  command->add_option("checkpoint", arguments->checkpoint, "a .safetensors file")->required();
  command->add_option("--out", arguments->out, "detections, as a COCO results file");
  command->add_option("--work-dir", arguments->work_dir, "images with detections go here");
  command->add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N")
      ->check(device_word());
  command->add_flag("--json", arguments->json, "one line of JSON, 17 digits");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace pinfeed::cli

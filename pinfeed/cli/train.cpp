// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <memory>
#include <utility>

#include "pinfeed/cli/command.h"
#include "pinfeed/cli/rank_processes.h"
#include "pinfeed/cli/train_config.h"
#include "pinfeed/cli/train_library.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/text.h"
#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/loader/loader_options.h"

namespace pinfeed::cli {
namespace {

struct TrainCommand {
  ConfigArguments config = {};
  std::string work_dir = {};
  std::string resume = {};
  std::string device = "auto";
  std::optional<std::int64_t> seed = {};
  bool amp = false;
  bool auto_scale_lr = false;
  std::string save_on_term = "finish";
  std::string weights_dir = {};
  int threads = 0;        // 0: the default
  int torch_threads = 0;  // 0: the default
  LauncherArguments launcher = {};
  int nproc = 0;  // 0: this process alone
};

// The command line without options that have their default. `resume` is what follows --resume;
// without a value the option is absent.
std::string command_line(const TrainCommand& arguments, const std::optional<std::string>& resume) {
  std::string line = "pinfeed train " + shell_word(arguments.config.path);
  if (!arguments.work_dir.empty()) line += " --work-dir " + shell_word(arguments.work_dir);
  if (arguments.device != "auto") line += " --device " + arguments.device;
  if (arguments.seed) line += " --seed " + std::to_string(*arguments.seed);
  if (arguments.amp) line += " --amp";
  if (arguments.auto_scale_lr) line += " --auto-scale-lr";
  if (arguments.save_on_term != "finish") line += " --save-on-term=" + arguments.save_on_term;
  if (arguments.threads > 0) line += " --threads " + std::to_string(arguments.threads);
  if (arguments.torch_threads > 0)
    line += " --torch-threads " + std::to_string(arguments.torch_threads);
  if (!arguments.launcher.launcher.empty()) line += " --launcher " + arguments.launcher.launcher;
  if (arguments.nproc > 0) line += " --nproc " + std::to_string(arguments.nproc);
  if (!arguments.weights_dir.empty()) line += " --weights-dir " + shell_word(arguments.weights_dir);
  for (const std::string& path : arguments.config.config_paths)
    line += " --config-path " + shell_word(path);
  for (const std::string& plugin : arguments.config.plugins)
    line += " --plugin " + shell_word(plugin);
  if (resume) line += " --resume" + (resume->empty() ? "" : " " + shell_word(*resume));
  if (!arguments.config.cfg_options.empty()) line += " --cfg-options";
  for (const std::string& option : arguments.config.cfg_options) line += " " + shell_word(option);
  return line;
}

// The config with what --amp and --auto-scale-lr ask for.
Config config_of(const TrainCommand& arguments) {
  Config config = arguments.config.read_to_run();
  if (arguments.amp) use_amp(config.root);
  if (arguments.auto_scale_lr) use_auto_scale_lr(config.root);
  return config;
}

void run(const TrainCommand& arguments, bool resume) {
  run_as_ranks(arguments.nproc);
  // A dead reader of the log (`2>&1 | tee`) does not end the training: the log is in the work dir
  // too.
  std::signal(SIGPIPE, SIG_IGN);
  Config config = config_of(arguments);
  const Ranks ranks = arguments.launcher.ranks(config.root);
  print_as_rank(ranks);
  const TrainLibrary library;
  library.train(
      {.config = std::move(config),
       .catalogs = arguments.config.catalogs(),
       .work_dir = arguments.work_dir.empty() ? std::nullopt : std::optional(arguments.work_dir),
       .resume = resume,
       .checkpoint = arguments.resume.empty() ? std::nullopt : std::optional(arguments.resume),
       .device = arguments.device,
       .seed = arguments.seed,
       .threads = arguments.threads,
       .torch_threads = arguments.torch_threads,
       .ranks = ranks,
       .discard_on_stop = arguments.save_on_term == "now",
       .print_line = say,
       .show_progress = say_live,
       .command = command_line(arguments, resume ? std::optional(arguments.resume) : std::nullopt),
       .resume_command = command_line(arguments, "")});
}

}  // namespace

void add_train(CLI::App& app) {
  const auto arguments = std::make_shared<TrainCommand>();
  CLI::App* command = app.add_subcommand("train", "trains the model of a config");
  add_config_arguments(*command, arguments->config);
  command->add_option("--work-dir", arguments->work_dir,
                      "folder of logs and checkpoints (default: work_dirs/<config name>)");
  CLI::Option* resume =
      command->add_option("--resume", arguments->resume,
                          "resume from this checkpoint (default: the newest of the work dir)");
  resume->expected(0, 1);
  command->add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N")
      ->check(device_name());
  command->add_option("--seed", arguments->seed, "replaces randomness.seed of the config")
      ->check(at_least(0));
  command->add_flag("--amp", arguments->amp,
                    "mixed precision: optim_wrapper becomes an AmpOptimWrapper");
  command->add_flag("--auto-scale-lr", arguments->auto_scale_lr,
                    "scales the learning rate by auto_scale_lr.base_batch_size");
  command
      ->add_option("--save-on-term", arguments->save_on_term,
                   "what a signal does with the running iteration before the checkpoint is saved: "
                   "finish or now (discard it)")
      ->check(CLI::IsMember({"finish", "now"}));
  command
      ->add_option("--threads", arguments->threads,
                   "render threads of the loader (default: the cores)")
      ->check(in_range(1, max_threads));
  command
      ->add_option("--torch-threads", arguments->torch_threads,
                   "threads of torch (default: the cores)")
      ->check(in_range(1, max_threads));
  add_launcher_option(*command, arguments->launcher);
  add_nproc_option(*command, arguments->nproc);
  add_weights_dir(*command, &arguments->weights_dir);
  command->callback([arguments, resume] { run(*arguments, resume->count() > 0); });
}

}  // namespace pinfeed::cli

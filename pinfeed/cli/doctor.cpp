// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/doctor.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "pinfeed/cli/check.h"
#include "pinfeed/cli/check_settings.h"
#include "pinfeed/cli/command.h"
#include "pinfeed/cli/train_config.h"
#include "pinfeed/cli/train_library.h"
#include "pinfeed/core/error.h"
#include "pinfeed/schemas/model_list.h"
#include "pinfeed/schemas/run_settings.h"

namespace pinfeed::cli {
namespace {

using Level = Diagnosis::Level;

struct DoctorCommand {
  ConfigArguments config = {};
  std::string work_dir = {};
  std::string device = "auto";
  bool amp = false;
  double seconds = 5.0;
};

// The text of an error on one line, with the place.
Diagnosis failed(const std::string& topic, const Error& error) {
  std::string text = error.text();
  if (!error.config_path().empty()) text += " (" + error.config_path() + ")";
  return {Level::problem, topic, text, error.advice()};
}

// Keys of the config that are not used as they are written.
void add_config(const Config& config, const Catalogs& catalogs, std::vector<Diagnosis>& found) {
  std::size_t used = 0;
  for (const Finding& key : check(config, catalogs)) {
    const bool ignored = key.verdict.starts_with("ignored");
    if (key.supported() && !ignored) ++used;
    if (!key.supported())
      found.push_back(
          {Level::problem, "config", key.key + ": " + key.verdict, "see " + key.location});
    if (ignored) found.push_back({Level::note, "config", key.key + " is " + key.verdict});
  }
  for (const std::string& section : missing_for_training(config.root))
    found.push_back({Level::problem, "config", "the config has no " + section,
                     "`pinfeed new-config` writes a whole one for your data"});
  found.push_back({Level::ok, "config", fmt::format("{} keys are read", used)});
}

// What `examine` finds, or its error as a problem: the other topics are examined all the same.
template <class Examine>
void add(const std::string& topic, std::vector<Diagnosis>& found, Examine examine) {
  try {
    for (Diagnosis& one : examine()) found.push_back(std::move(one));
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::bug) throw;
    found.push_back(failed(topic, error));
  }
}

void add_data(const Config& config, const Catalogs& catalogs, const std::string& split,
              std::vector<Diagnosis>& found) {
  const std::string section = split + "_dataloader";
  if (!config.root.is_set(section)) return;
  const std::string topic = split + " data";
  add(topic, found, [&] {
    const LoaderOptions options = loader_options(config.root);
    const Loader loader = make_loader(config.root, section, catalogs, options);
    add(topic, found, [&] {
      check_class_counts(config.root, loader.dataset().metainfo, section);
      return std::vector<Diagnosis>();
    });
    return diagnose_data(loader.dataset(), split, options.on_bad_sample);
  });
}

void add_training(const DoctorCommand& arguments, const Config& config, const Catalogs& catalogs,
                  std::vector<Diagnosis>& found) {
  add("training", found, [&] {
    std::vector<std::string> ignored;
    const RunSettings settings = read_run_settings(config.root, config.path, catalogs, ignored);
    const TrialReport trial = TrainLibrary().trial(
        {.config = config, .catalogs = catalogs, .device = arguments.device}, arguments.seconds);
    const std::string folder = arguments.work_dir.empty() ? settings.work_dir : arguments.work_dir;
    auto lines = diagnose_machine(trial, settings.hooks.find<CheckpointHook>(), folder);
    for (const std::string& warning : trial.warnings) {
      const bool known = std::find(ignored.begin(), ignored.end(), warning) != ignored.end();
      if (!known) lines.push_back({Level::note, "training", warning});
    }
    return lines;
  });
}

void print_lines(const std::vector<Diagnosis>& found) {
  constexpr std::array<const char*, 3> names = {"ok", "note", "problem"};
  for (const Diagnosis& one : found) {
    print(fmt::format("{:<8} {:<18} {}", names.at(static_cast<std::size_t>(one.level)), one.topic,
                      one.text));
    if (!one.advice.empty()) print(fmt::format("{:27} -> {}", "", one.advice));
  }
}

void run(const DoctorCommand& arguments) {
  Config config = arguments.config.read_to_run();
  if (arguments.amp) use_amp(config.root);
  const Catalogs catalogs = arguments.config.catalogs();
  std::vector<Diagnosis> found;
  add_config(config, catalogs, found);
  for (const char* split : {"train", "val"}) add_data(config, catalogs, split, found);
  const auto is_problem = [](const Diagnosis& one) { return one.level == Level::problem; };
  if (std::none_of(found.begin(), found.end(), is_problem))
    add_training(arguments, config, catalogs, found);
  print_lines(found);
  const auto problems = std::count_if(found.begin(), found.end(), is_problem);
  if (problems == 0) return print("nothing stands in the way of this training");
  print(fmt::format("{} problem{} to solve before training", problems, problems == 1 ? "" : "s"));
  throw Exit{1};
}

}  // namespace

void add_doctor(CLI::App& app) {
  const auto arguments = std::make_shared<DoctorCommand>();
  CLI::App* command = app.add_subcommand(
      "doctor", "examines config, data and machine before a training, and trains a few iterations");
  add_config_arguments(*command, arguments->config);
  command->add_option("--work-dir", arguments->work_dir,
                      "folder of the training's checkpoints (default: work_dirs/<config name>)");
  command->add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N")
      ->check(device_name());
  command->add_flag("--amp", arguments->amp, "mixed precision, as `train --amp`");
  add_weights_dir(*command);
  command->add_option("--seconds", arguments->seconds, "how long loader and model are measured")
      ->check(CLI::Range(0.1, 3600.0));
  command->callback([arguments] { run(*arguments); });
}

}  // namespace pinfeed::cli

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>

#include "pinfeed/cli/command.h"
#include "pinfeed/core/file.h"
#include "pinfeed/data/loader.h"
#include "pinfeed/schedule/play.h"

namespace pinfeed::cli {
namespace {

struct LrArguments {
  ConfigArguments config = {};
  std::optional<std::int64_t> epoch_length = {};
  std::string csv = {};
  std::string plot_file = {};
};

// The number of batches of the train loader. Reads annotations, no picture.
std::int64_t batches_of_epoch(const Value& config) try {
  return make_loader(config, "train_dataloader", builtin(), loader_options(config))
      .batches_per_epoch();
} catch (Error& error) {
  throw error.along("counting the batches of an epoch; --epoch-length N goes without the data");
}

// An iteration loop whose schedulers count iterations does without.
bool needs_epoch_length(const Value& config) {
  if (train_length(config, std::nullopt).by_epoch) return true;
  const Value* schedulers = config.find("param_scheduler");
  if (schedulers == nullptr) return false;
  std::vector<Value> list = {*schedulers};
  if (schedulers->is_sequence()) list = schedulers->items();
  return std::any_of(list.begin(), list.end(), [](const Value& scheduler) {
    const Value* converts = scheduler.find("convert_to_iter_based");
    return converts != nullptr && converts->is_bool() && converts->boolean();
  });
}

TrainLength length_of(const Value& config, std::optional<std::int64_t> epoch_length) {
  if (!epoch_length && needs_epoch_length(config)) epoch_length = batches_of_epoch(config);
  return train_length(config, epoch_length);
}

Schedule schedule_of(const Value& config, const TrainLength& length) {
  GroupValues group = optimizer_values(config);
  group.lr = group.lr * lr_scale(config, 1);
  return Schedule(read_schedulers(config, length), {group});
}

// Calls `line` with the header and a row per iteration.
void write_table(Schedule schedule, const TrainLength& length,
                 const std::function<void(const std::string&)>& line) {
  const bool momentum = schedule.moves(Parameter::momentum);
  const bool weight_decay = schedule.moves(Parameter::weight_decay);
  line(fmt::format("iteration,epoch,lr{}{}", momentum ? ",momentum" : "",
                   weight_decay ? ",weight_decay" : ""));
  play(schedule, length, [&](std::int64_t iteration, std::int64_t epoch) {
    const GroupValues& group = schedule.values().front();
    std::string row = fmt::format("{},{},{:.17g}", iteration, epoch, group.lr);
    if (momentum) row += fmt::format(",{:.17g}", *group.momentum);
    if (weight_decay) row += fmt::format(",{:.17g}", *group.weight_decay);
    line(row);
  });
}

int terminal_columns() {
  winsize size = {};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20;
  return known ? size.ws_col : 100;
}

void draw(const std::vector<Plot>& plots, const std::string& file) {
  if (!file.empty()) {
    write_atomically(file, [&](FileWriter& writer) { writer.write(svg(plots)); });
    return;
  }
  for (const Plot& plot : plots) say(terminal_text(plot, terminal_columns(), 20));
}

void run(const LrArguments& arguments, bool plot) {
  const Config config = arguments.config.read_to_run();
  const TrainLength length = length_of(config.root, arguments.epoch_length);
  const Schedule schedule = schedule_of(config.root, length);
  if (arguments.csv.empty()) {
    write_table(schedule, length, print);
  } else {
    write_atomically(arguments.csv, [&](FileWriter& writer) {
      write_table(schedule, length, [&](const std::string& line) { writer.write(line + "\n"); });
    });
  }
  if (!plot) return;
  std::vector<Plot> plots = schedule_plots(schedule, length);
  plots[0].title = arguments.config.path;
  draw(plots, arguments.plot_file);
}

}  // namespace

void add_lr(CLI::App& app) {
  auto arguments = std::make_shared<LrArguments>();
  CLI::App* command = app.add_subcommand("lr", "the learning rate of each iteration, as CSV");
  add_config_arguments(*command, arguments->config);
  command
      ->add_option("--epoch-length", arguments->epoch_length,
                   "batches of an epoch, instead of asking the train loader")
      ->check(at_least(1));
  command->add_option("--csv", arguments->csv, "write the table to this file, not to stdout");
  const CLI::Option* plot =
      command->add_option("--plot", arguments->plot_file, "draw it: F.svg, or in the terminal")
          ->expected(0, 1);
  command->callback([arguments, plot] { run(*arguments, plot->count() > 0); });
}

}  // namespace pinfeed::cli

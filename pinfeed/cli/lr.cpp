// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>

#include "pinfeed/cli/command.h"
#include "pinfeed/cli/train_library.h"
#include "pinfeed/core/file.h"
#include "pinfeed/data/loader/loader.h"
#include "pinfeed/schedule/config_schedule.h"
#include "pinfeed/schedule/lint.h"

namespace pinfeed::cli {
namespace {

struct LrArguments {
  std::vector<std::string> paths = {};
  ConfigArguments config = {};  // path is set to each of paths in turn
  std::optional<std::int64_t> epoch_length = {};
  std::string csv = {};
  std::string plot_file = {};
  bool groups = false;
};

// The number of batches of the train loader. Reads annotations, but no image.
std::int64_t batches_of_epoch(const Value& config, const Catalogs& catalogs) try {
  return make_loader(config, "train_dataloader", catalogs, loader_options(config))
      .batches_per_epoch();
} catch (Error& error) {
  error.help("pass --epoch-length N to skip reading the data");
  throw error.with_context(ActionContext{"counting the batches of an epoch"});
}

TrainLength length_of(const Value& config, const Catalogs& catalogs,
                      std::optional<std::int64_t> epoch_length) {
  if (!epoch_length && needs_epoch_length(config))
    epoch_length = batches_of_epoch(config, catalogs);
  return train_length(config, epoch_length);
}

// The groups of the model. Prints their warnings.
std::vector<GroupValues> values_of_groups(const Value& config, const ModelCatalog& models) {
  const ModelGroups groups = TrainLibrary().groups(config, models);
  for (const std::string& warning : groups.warnings) say("warning: " + warning);
  return groups.values;
}

// The groups of the training; without `models`, that is without --groups, one for all parameters.
std::vector<GroupValues> first_values(const Value& config, const ScheduledOptimizer& optimizer,
                                      const ModelCatalog* models) {
  if (models != nullptr) return TrainLibrary().groups(config, *models).values;
  return {scaled_values(config, optimizer)};
}

ConfigSchedule schedule_of(const std::string& path, const Value& config, const TrainLength& length,
                           const ModelCatalog* models) {
  if (models == nullptr) return config_schedule(path, config, length);
  ConfigSchedule schedule{.title = path, .length = length};
  for (const ScheduledOptimizer& optimizer : scheduled_optimizers(config, length)) {
    if (!optimizer.name.empty())
      throw Error(ErrorKind::config, "the config has several optimizers: --groups supports one");
    schedule.schedules.emplace_back(optimizer.stages, first_values(config, optimizer, models));
  }
  return schedule;
}

// Prints the warnings for a config with one optimizer on stderr.
void warn(const Value& config, const TrainLength& length, const ModelCatalog* models) {
  const std::vector<ScheduledOptimizer> optimizers = scheduled_optimizers(config, length);
  if (optimizers.size() != 1 || !optimizers[0].name.empty()) return;
  const std::vector<GroupValues> values = models != nullptr
                                              ? values_of_groups(config, *models)
                                              : first_values(config, optimizers[0], nullptr);
  for (const std::string& warning : lint_schedule(config, length, values))
    say("warning: " + warning);
}

using Line = std::function<void(const std::string&)>;

// A row per iteration. `first` begins each row: the name of the config if there are several.
void write_table(const ConfigSchedule& config, const std::vector<ScheduleColumn>& columns,
                 const std::string& first, const Line& line) {
  std::vector<Schedule> schedules = config.schedules;
  simulate(schedules, config.length, [&](std::int64_t iteration, std::int64_t epoch) {
    std::string row = fmt::format("{}{},{}", first, iteration, epoch);
    for (const ScheduleColumn& column : columns) {
      fmt::format_to(std::back_inserter(row), ",{:.17g}", column.value(schedules));
    }
    line(row);
  });
}

void write_tables(const std::vector<ConfigSchedule>& configs, bool groups, const Line& line) {
  if (configs.size() == 1) {
    const std::vector<ScheduleColumn> columns = columns_of(configs[0], groups);
    std::string header = "iteration,epoch";
    for (const ScheduleColumn& column : columns) header += "," + column.name;
    line(header);
    write_table(configs[0], columns, "", line);
    return;
  }
  line("config,iteration,epoch,lr");
  for (const ConfigSchedule& config : configs)
    write_table(config, {ScheduleColumn()}, config.title + ",", line);
}

int terminal_columns() {
  winsize size = {};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20;
  return known ? size.ws_col : 100;
}

void draw(const std::vector<Plot>& plots, const std::string& file) {
  if (!file.empty()) write_atomically(file, [&](FileWriter& writer) { writer.write(svg(plots)); });
  for (const Plot& plot : plots) {
    if (file.empty()) say(terminal_text(plot, terminal_columns(), 20));
    for (const Series& curve : plot.series) {
      if (curve.y.empty()) continue;
      say(fmt::format("last value of {}: {:.17g}", curve.name, curve.y.back()));
    }
  }
}

// A table in the terminal in which the plot is drawn would push the plot out of sight.
bool hides_plot(const LrArguments& arguments, bool plot) {
  return plot && arguments.plot_file.empty() && ::isatty(STDOUT_FILENO) != 0;
}

void run(const LrArguments& arguments, bool plot) {
  const Catalogs catalogs = arguments.config.catalogs();
  const ModelCatalog* models = arguments.groups ? &catalogs.models : nullptr;
  std::vector<ConfigSchedule> configs;
  for (const std::string& path : arguments.paths) {
    ConfigArguments one = arguments.config;
    one.path = path;
    const Config config = one.read_to_run();
    const TrainLength length = length_of(config.root, catalogs, arguments.epoch_length);
    configs.push_back(schedule_of(path, config.root, length, models));
    warn(config.root, length, models);
  }
  if (arguments.csv.empty() && !hides_plot(arguments, plot)) {
    write_tables(configs, arguments.groups, print);
  } else if (!arguments.csv.empty()) {
    write_atomically(arguments.csv, [&](FileWriter& writer) {
      write_tables(configs, arguments.groups,
                   [&](const std::string& line) { writer.write(line + "\n"); });
    });
  }
  if (plot) draw(schedule_plots(configs, arguments.groups), arguments.plot_file);
}

}  // namespace

void add_lr(CLI::App& app) {
  auto arguments = std::make_shared<LrArguments>();
  CLI::App* command = app.add_subcommand("lr", "prints the learning rate of each iteration as CSV");
  command
      ->add_option("config", arguments->paths,
                   "OpenMMLab configs; several are plotted in one chart")
      ->required();
  add_config_options(*command, arguments->config);
  command
      ->add_option("--epoch-length", arguments->epoch_length,
                   "number of batches of an epoch; skips reading the data")
      ->check(in_range(1, 2'147'483'647));
  command->add_option("--csv", arguments->csv, "write the table to this file, not to stdout");
  command->add_flag("--groups", arguments->groups,
                    "build the model, and print a column for each parameter group");
  const CLI::Option* plot =
      command
          ->add_option("--plot", arguments->plot_file,
                       "plot to F.svg, or without F in the terminal, which then shows "
                       "no table")
          ->expected(0, 1)
          ->check(file_ending({".svg"}));
  command->callback([arguments, plot] { run(*arguments, plot->count() > 0); });
}

}  // namespace pinfeed::cli

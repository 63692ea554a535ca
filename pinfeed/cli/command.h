// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "pinfeed/config/read.h"

namespace pinfeed {
struct Catalogs;
}

namespace pinfeed::cli {

/// The options of every command with CONFIG: the file, `--cfg-options k=v ...`, `--config-path
/// NAME=DIR`, `--plugin lib.so`.
struct ConfigArguments {
  std::string path = {};
  std::vector<std::string> cfg_options = {};
  std::vector<std::string> config_paths = {};
  std::vector<std::string> plugins = {};

  ReadOptions options() const;
  /// Reads the config as OpenMMLab does, and prints warnings on stderr. Throws Error(config). For
  /// `keep_delete_keys` see ReadOptions.
  Config read(bool keep_delete_keys = false) const;
  /// The same for commands that run the config: `pinfeed = dict(follow=[...])` is applied, and an
  /// option that changes nothing is a warning.
  Config read_to_run() const;
  /// The built-in parts and those of the plugins.
  Catalogs catalogs() const;
};
void add_config_arguments(CLI::App& command, ConfigArguments& arguments);
/// The options without the file.
void add_config_options(CLI::App& command, ConfigArguments& arguments);
/// The built-in parts and those of plugins. Throws Error(config) for a plugin that cannot be used.
Catalogs catalogs_with(const std::vector<std::string>& plugins);
/// `--plugin lib.so`, any number of times.
void add_plugin_option(CLI::App& command, std::vector<std::string>& plugins);

/// Refuses a number below `least`: "--threads: must be a number of at least 1, not 0".
CLI::Validator at_least(std::int64_t least);
/// Refuses other numbers: "--threads: must be a number from 1 to 1024, not 0".
CLI::Validator in_range(std::int64_t least, std::int64_t most);
/// Refuses other names: "--device: must be auto, cpu, cuda or cuda:N, not gpu".
CLI::Validator device_name();

/// Refuses a file whose name does not end with one of these, in any case: "--out: must end with one
/// of .png, .jpg, not sheet.gif". An option that needs no file may have none.
CLI::Validator file_ending(const std::vector<std::string>& endings);
/// Whether the name of a file ends with `ending` (in lower case), in any case.
bool has_ending(const std::string& path, const std::string& ending);

/// Prints a message for people on stderr, except under --quiet.
void say(const std::string& line);
void set_quiet(bool quiet);
/// Prints a line on stderr that the next one overwrites; only on a terminal.
void say_live(const std::string& line);
/// Erases the live line.
void end_live();
/// Prints a line of the result on stdout. Throws Error(system) when stdout is closed or full.
void print(const std::string& line);
/// Ends a command with another exit code than 0, without a message (`collate` uses 1).
struct Exit {
  int code = 0;
};

// One function per command, each in its own file. It adds the subcommand, its options, and a
// callback that runs the command. Errors leave the callback as exceptions.
void add_batches(CLI::App& app);
void add_bench(CLI::App& app);
void add_cache(CLI::App& app);
void add_coco_eval(CLI::App& app);
void add_collate(CLI::App& app);
void add_config(CLI::App& app);
void add_doctor(CLI::App& app);
void add_eval(CLI::App& app);
void add_list(CLI::App& app);
void add_lr(CLI::App& app);
void add_memory(CLI::App& app);
void add_new_config(CLI::App& app);
void add_predict(CLI::App& app);
void add_shapes(CLI::App& app);
void add_show(CLI::App& app);
void add_test(CLI::App& app);
void add_train(CLI::App& app);
void add_weights(CLI::App& app);

}  // namespace pinfeed::cli

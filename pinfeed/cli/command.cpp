// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/command.h"

#include <unistd.h>

#include <charconv>
#include <cstdio>

#include "pinfeed/cli/option_warnings.h"
#include "pinfeed/cli/train_library.h"
#include "pinfeed/config/propagate_override.h"
#include "pinfeed/core/text.h"
#include "pinfeed/data/loader/plugins.h"
#include "pinfeed/schemas/device_name.h"
#include "pinfeed/schemas/training_list.h"

namespace pinfeed::cli {
namespace {

bool quiet_ = false;
bool live_ = false;  // the last line on the terminal is a live line

std::pair<std::string, std::string> name_and_folder(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw Error(ErrorKind::config, "--config-path is '" + text + "'; it must be NAME=DIR");
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

}  // namespace

ReadOptions ConfigArguments::options() const {
  ReadOptions options{.cfg_options = cfg_options};
  for (const std::string& text : config_paths) {
    options.config_paths.push_back(name_and_folder(text));
  }
  return options;
}

Config ConfigArguments::read(bool keep_delete_keys) const {
  ReadOptions all = options();
  all.keep_delete_keys = keep_delete_keys;
  Config config = read_config(path, all);
  for (const std::string& warning : config.warnings) say("warning: " + warning);
  return config;
}

Config ConfigArguments::read_to_run() const {
  Config config = read();
  if (cfg_options.empty()) return config;
  ReadOptions without = options();
  without.cfg_options.clear();
  const Config before = read_config(path, without);
  for (const std::string& text : option_warnings(config, before, cfg_options))
    say("warning: " + text);
  if (has_propagated_names(config.root)) propagate_overrides(config.root, before.root);
  return config;
}

Catalogs catalogs_with(const std::vector<std::string>& plugins) {
  if (!plugins.empty()) shorten_spinning();
  Catalogs catalogs = builtin_and(plugins);
  check_added_names(catalogs);
  return catalogs;
}

Catalogs ConfigArguments::catalogs() const { return catalogs_with(plugins); }

void add_config_arguments(CLI::App& command, ConfigArguments& arguments) {
  command.add_option("config", arguments.path, "an OpenMMLab config")->required();
  add_config_options(command, arguments);
}

void add_config_options(CLI::App& command, ConfigArguments& arguments) {
  command
      .add_option("--cfg-options", arguments.cfg_options,
                  "key=value ..., values that replace those of the config")
      ->take_all();
  command
      .add_option("--config-path", arguments.config_paths,
                  "NAME=DIR, the folder of bases that begin with NAME::")
      ->allow_extra_args(false);
  add_plugin_option(command, arguments.plugins);
}

void add_plugin_option(CLI::App& command, std::vector<std::string>& plugins) {
  command.add_option("--plugin", plugins, "a shared library with more parts; can be repeated")
      ->allow_extra_args(false);
}

CLI::Validator at_least(std::int64_t least) {
  const auto refuse = [least](const std::string& text) -> std::string {
    double number = 0.0;
    const char* end = text.data() + text.size();
    const auto [stop, fault] = std::from_chars(text.data(), end, number);
    const bool fits = fault == std::errc() && stop == end && number >= static_cast<double>(least);
    return fits ? "" : "must be a number of at least " + std::to_string(least) + ", not " + text;
  };
  return {refuse, ""};
}

CLI::Validator in_range(std::int64_t least, std::int64_t most) {
  const auto refuse = [least, most](const std::string& text) -> std::string {
    std::int64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [stop, fault] = std::from_chars(text.data(), end, number);
    const bool fits = fault == std::errc() && stop == end && number >= least && number <= most;
    const std::string range = std::to_string(least) + " to " + std::to_string(most);
    return fits ? "" : "must be a number from " + range + ", not " + text;
  };
  return {refuse, ""};
}

CLI::Validator device_name() {
  const auto refuse = [](const std::string& device) -> std::string {
    if (device == "auto" || device == "cpu" || cuda_index(device)) return "";
    return "must be auto, cpu, cuda or cuda:N, not " + device;
  };
  return {refuse, ""};
}

bool has_ending(const std::string& path, const std::string& ending) {
  return lower_case(path).ends_with(ending);
}

CLI::Validator file_ending(const std::vector<std::string>& endings) {
  const auto refuse = [endings](const std::string& path) -> std::string {
    for (const std::string& ending : endings) {
      if (path.empty() || has_ending(path, ending)) return "";
    }
    return (endings.size() == 1 ? "must end with " : "must end with one of ") + joined(endings) +
           ", not " + path;
  };
  return {refuse, ""};
}

void say_live(const std::string& line) {
  if (quiet_ || ::isatty(STDERR_FILENO) == 0) return;
  std::fprintf(stderr, "\r%s\x1b[K", line.c_str());
  live_ = true;
}

void end_live() {
  if (live_) std::fputs("\r\x1b[K", stderr);
  live_ = false;
}

void say(const std::string& line) {
  end_live();
  if (!quiet_) std::fprintf(stderr, "%s\n", line.c_str());
}

void set_quiet(bool quiet) { quiet_ = quiet; }

void print(const std::string& line) {
  const bool written = std::fputs(line.c_str(), stdout) >= 0 && std::fputc('\n', stdout) >= 0;
  if (!written) throw Error(ErrorKind::system, "cannot write to stdout: " + system_reason());
}

}  // namespace pinfeed::cli

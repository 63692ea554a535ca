// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "pinfeed/cli/check.h"
#include "pinfeed/cli/check_settings.h"
#include "pinfeed/cli/command.h"
#include "pinfeed/config/explain.h"
#include "pinfeed/config/write_json.h"
#include "pinfeed/config/write_py.h"

namespace pinfeed::cli {
namespace {

struct ConfigCommand {
  ConfigArguments config = {};
  std::string format = "json";
  std::string key = {};  // to explain
  bool check = false;
};

// Prints a line for each key, in columns, and the number of keys that are not supported.
void print_findings(const std::vector<Finding>& findings) {
  std::size_t key = 0;
  std::size_t location = 0;
  std::int64_t refused = 0;
  for (const Finding& finding : findings) {
    key = std::max(key, finding.key.size());
    location = std::max(location, finding.location.size());
    refused += finding.supported() ? 0 : 1;
  }
  for (const Finding& finding : findings) {
    print(fmt::format("{:<{}}  {:<{}}  {}", finding.key, key, finding.location, location,
                      finding.verdict));
  }
  say(fmt::format("{} keys, {} not supported", findings.size(), refused));
}

void run(const ConfigCommand& arguments) {
  if (!arguments.key.empty()) {
    print(explain(arguments.config.path, arguments.config.options(), arguments.key));
    return;
  }
  const Config config = arguments.check ? arguments.config.read_to_run()
                                        : arguments.config.read(/*keep_delete_keys=*/true);
  if (arguments.check) {
    print_findings(check(config, arguments.config.catalogs()));
    const std::vector<std::string> missing = missing_for_training(config.root);
    if (!missing.empty()) say("not enough for training: the config has no " + joined(missing));
    return;
  }
  if (arguments.format == "json") {
    print(write_json(config.root));
    return;
  }
  std::string text = write_py(config.root.dict());
  if (text.ends_with('\n')) text.pop_back();  // print ends the line
  print(text);
}

}  // namespace

void add_config(CLI::App& app) {
  auto arguments = std::make_shared<ConfigCommand>();
  CLI::App* command = app.add_subcommand("config", "prints the merged config");
  add_config_arguments(*command, arguments->config);
  command->add_option("--format", arguments->format, "json or py")
      ->check(CLI::IsMember({"json", "py"}));
  command->add_option("--explain", arguments->key,
                      "print where the value of a key was set, and the values that it replaced");
  command->add_flag("--check", arguments->check, "print for each key whether pinfeed uses it");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace pinfeed::cli

// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "pinfeed/cli/command.h"
#include "pinfeed/config/write_json.h"
#include "pinfeed/config/write_py.h"

namespace pinfeed::cli {
namespace {

struct ConfigCommand {
  ConfigArguments config = {};
  std::string format = "json";
};

void run(const ConfigCommand& arguments) {
  const Config config = arguments.config.read();
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
  CLI::App* command = app.add_subcommand("config", "the merged config");
  add_config_arguments(*command, arguments->config);
  command->add_option("--format", arguments->format, "json or py")
      ->check(CLI::IsMember({"json", "py"}));
  command->callback([arguments] { run(*arguments); });
}

}  // namespace pinfeed::cli

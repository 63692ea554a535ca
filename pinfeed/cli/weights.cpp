// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "pinfeed/cli/command.h"
#include "pinfeed/core/json_text.h"
#include "pinfeed/formats/safetensors.h"
#include "pinfeed/schemas/checkpoint_names.h"
#include "pinfeed/schemas/pth_conversion.h"

namespace pinfeed::cli {
namespace {

struct WeightsArguments {
  std::string file = {};
  std::string out = {};
  bool json = false;
  bool all = false;
};

Error wrong_ending(const std::string& path) {
  return {ErrorKind::config, path + ": pinfeed reads and writes .safetensors, not yet .pth"};
}

std::string shape_json(const Shape& shape) {
  std::string text;
  for (const std::int64_t size : shape) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return "[" + text + "]";
}

std::string tensors_json(const SafetensorsFile& file) {
  std::string text;
  for (const auto& [name, tensor] : file.tensors) {
    text += fmt::format(R"({}{}: {{"dtype": "{}", "shape": {}}})", text.empty() ? "" : ", ",
                        json_string(name), name_of(tensor.dtype), shape_json(tensor.shape));
  }
  return text;
}

// The state of a run is JSON; other texts are quoted.
std::string metadata_json(const SafetensorsFile& file) {
  std::string text;
  for (const auto& [name, value] : file.metadata) {
    text += (text.empty() ? "" : ", ") + json_string(name) + ": " +
            (name == state_key ? value : json_string(value));
  }
  return text;
}

void list(const SafetensorsFile& file) {
  std::int64_t numbers = 0;
  for (const auto& [name, tensor] : file.tensors) {
    print(fmt::format("{}  {} {}", name, name_of(tensor.dtype), to_string(tensor.shape)));
    numbers += tensor.elements();
  }
  say(fmt::format("{} tensors, {} numbers", file.tensors.size(), numbers));
}

SafetensorsFile weights_only(const SafetensorsFile& file) {
  SafetensorsFile weights{.metadata = {{"format", "pt"}}};
  for (const auto& [name, tensor] : file.tensors) {
    if (!is_training_state(name)) weights.tensors.emplace_back(name, tensor);
  }
  return weights;
}

void run(const WeightsArguments& arguments) {
  if (!arguments.file.ends_with(checkpoint_ending)) {
    throw wrong_ending(arguments.file).help("in Python: " + pth_conversion(arguments.file));
  }
  const SafetensorsFile file = read_safetensors(arguments.file);
  if (!arguments.out.empty()) {
    if (!arguments.out.ends_with(checkpoint_ending)) throw wrong_ending(arguments.out);
    const SafetensorsFile written = arguments.all ? file : weights_only(file);
    write_safetensors(arguments.out, written);
    return say(fmt::format("wrote {} tensors to {}", written.tensors.size(), arguments.out));
  }
  if (!arguments.json) return list(file);
  print(fmt::format(R"({{"tensors": {{{}}}, "meta": {{{}}}}})", tensors_json(file),
                    metadata_json(file)));
}

}  // namespace

void add_weights(CLI::App& app) {
  const auto arguments = std::make_shared<WeightsArguments>();
  CLI::App* command = app.add_subcommand(
      "weights", "lists the tensors of a checkpoint, or writes its weights to a file");
  command->add_option("file", arguments->file, "a .safetensors file")->required();
  command->add_option("--out", arguments->out, "write only the weights to this file");
  command->add_flag("--all", arguments->all, "with --out: write the state of the run too");
  command->add_flag("--json", arguments->json, "print names, dtypes, shapes and metadata as JSON");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace pinfeed::cli

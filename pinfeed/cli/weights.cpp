// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "pinfeed/cli/command.h"
#include "pinfeed/core/json_text.h"
#include "pinfeed/data/tensor_element.h"
#include "pinfeed/formats/safetensors.h"
#include "pinfeed/formats/weights/weights_file.h"
#include "pinfeed/schemas/checkpoint_format.h"
#include "pinfeed/schemas/checkpoint_names.h"
#include "pinfeed/schemas/weight_names.h"

namespace pinfeed::cli {
namespace {

struct WeightsArguments {
  std::string file = {};
  std::string out = {};
  std::string stats = {};
  bool json = false;
  bool all = false;
  bool verify = false;
  std::string to = {};  // the layout of the names that are written
};

using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

std::string shape_json(const Shape& shape) {
  std::string text;
  for (const std::int64_t size : shape) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return "[" + text + "]";
}

std::string tensors_json(const NamedTensors& tensors) {
  std::string text;
  for (const auto& [name, tensor] : tensors) {
    text += fmt::format(R"({}{}: {{"dtype": "{}", "shape": {}}})", text.empty() ? "" : ", ",
                        json_string(name), name_of(tensor.dtype), shape_json(tensor.shape));
  }
  return text;
}

// Values of a .pth file are JSON already. Of a .safetensors file the state of a run is JSON, other
// texts are quoted.
std::string values_json(const WeightsFile& file) {
  std::string text;
  for (const auto& [name, value] : file.values) {
    const bool is_json = !file.is_safetensors || name == state_key;
    text += (text.empty() ? "" : ", ") + json_string(name) + ": " +
            (is_json ? value : json_string(value));
  }
  for (const auto& [name, type] : file.opaque) {
    text +=
        (text.empty() ? "" : ", ") + json_string(name) + ": " + json_string("not read: " + type);
  }
  return text;
}

void list(const WeightsFile& file) {
  std::int64_t numbers = 0;
  for (const auto& [name, tensor] : file.weights) {
    print(fmt::format("{}  {} {}", name, name_of(tensor.dtype), to_string(tensor.shape)));
    numbers += tensor.elements();
  }
  say(fmt::format("{} tensors, {} numbers{}", file.weights.size(), numbers,
                  file.weights_key.empty() ? "" : ", under '" + file.weights_key + "'"));
  if (!file.others.empty()) {
    say(fmt::format("{} other tensors, such as '{}'", file.others.size(),
                    file.others.front().first));
  }
  for (const auto& [path, type] : file.opaque) say(fmt::format("not read: {}, {}", path, type));
}

// What there is to know about the values of a tensor.
struct Statistics {
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();
  double sum = 0.0;
  double squares = 0.0;
  std::int64_t finite = 0;
  std::int64_t zeros = 0;

  void add(double value) {
    if (!std::isfinite(value)) return;
    min = std::min(min, value);
    max = std::max(max, value);
    sum += value;
    squares += value * value;
    ++finite;
    zeros += value == 0.0 ? 1 : 0;
  }
};

bool has_single_numbers(DType dtype) {
  return dtype != DType::complex64 && dtype != DType::complex128 && dtype != DType::float8_e4m3fn &&
         dtype != DType::float8_e5m2;
}

void print_statistics(const WeightsFile& file, const std::string& name) {
  const auto named = [&name](const auto& one) { return one.first == name; };
  auto found = std::find_if(file.weights.begin(), file.weights.end(), named);
  if (found == file.weights.end()) {
    found = std::find_if(file.others.begin(), file.others.end(), named);
    if (found == file.others.end()) {
      throw Error(ErrorKind::config, "--stats: the file has no tensor '" + name + "'");
    }
  }
  const Tensor tensor = contiguous(found->second);
  if (!has_single_numbers(tensor.dtype)) {
    throw Error(ErrorKind::config, fmt::format("--stats: '{}' is of {}, of which no statistics are "
                                               "computed",
                                               name, name_of(tensor.dtype)));
  }
  Statistics all;
  for (std::int64_t i = 0; i < tensor.elements(); ++i) {
    all.add(read_number(tensor.dtype,
                        tensor.data() + static_cast<std::size_t>(i) * size_of(tensor.dtype)));
  }
  print(fmt::format("{}  {} {}", name, name_of(tensor.dtype), to_string(tensor.shape)));
  print(fmt::format("numbers {}, not finite {}, zero {}", tensor.elements(),
                    tensor.elements() - all.finite, all.zeros));
  if (all.finite == 0) return;
  const double count = static_cast<double>(all.finite);
  const double mean = all.sum / count;
  print(fmt::format("min {:.6g}, max {:.6g}, mean {:.6g}, std {:.6g}", all.min, all.max, mean,
                    std::sqrt(std::max(0.0, all.squares / count - mean * mean))));
}

NamedTensors without_state(const NamedTensors& tensors) {
  NamedTensors weights;
  for (const auto& [name, tensor] : tensors) {
    if (!is_training_state(name)) weights.emplace_back(name, tensor);
  }
  return weights;
}

std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t shown = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(shown, names.size()); ++i)
    text += (i == 0 ? "" : ", ") + names[i];
  return text + (names.size() > shown ? ", ..." : "");
}

// The tensors with the names of a layout. Says which have none there.
NamedTensors renamed(const NamedTensors& weights, const std::string& layout) {
  NamedTensors named;
  std::vector<std::string> others;
  for (const auto& [name, tensor] : weights) {
    if (const auto other = name_in(*name_layout(layout), name)) {
      named.emplace_back(*other, tensor);
    } else {
      others.push_back(name);
    }
  }
  if (named.empty()) {
    throw Error(ErrorKind::data, "--to: no tensor of the file has a name in " + layout)
        .help("its first tensors are " + some_of(others));
  }
  if (!others.empty()) {
    say(fmt::format("left out, because they have no name in {}: {} of {} tensors: {}", layout,
                    others.size(), weights.size(), some_of(others)));
  }
  return named;
}

void write(const WeightsArguments& arguments, const WeightsFile& file) {
  if (file.is_safetensors) require_known_format(file.values, arguments.file);
  const bool to_safetensors = has_ending(arguments.out, std::string(checkpoint_ending));
  if (arguments.all && !to_safetensors) {
    throw Error(ErrorKind::config, "--all: the state of a run is written to .safetensors only");
  }
  NamedTensors weights = arguments.all ? file.weights : without_state(file.weights);
  if (!arguments.to.empty()) weights = renamed(weights, arguments.to);
  if (arguments.all) weights.insert(weights.end(), file.others.begin(), file.others.end());
  if (to_safetensors) {
    auto metadata = arguments.all
                        ? file.values
                        : std::vector<std::pair<std::string, std::string>>{{"format", "pt"}};
    write_safetensors(arguments.out, {.tensors = weights,
                                      .metadata = std::move(metadata),
                                      .checksum = arguments.all && file.checksum});
  } else {
    write_pth(arguments.out, weights);
  }
  say(fmt::format("wrote {} tensors to {}", weights.size(), arguments.out));
}

void run(const WeightsArguments& arguments) {
  const WeightsFile file = read_weights_file(
      arguments.file, arguments.verify ? VerifyChecksums::yes : VerifyChecksums::no);
  if (arguments.verify) {
    say(arguments.file +
        (file.verified ? ": all checksums are right" : ": it has no checksums to compare"));
  }
  if (!arguments.out.empty()) return write(arguments, file);
  if (!arguments.stats.empty()) return print_statistics(file, arguments.stats);
  if (!arguments.json) return list(file);
  NamedTensors tensors = file.weights;
  tensors.insert(tensors.end(), file.others.begin(), file.others.end());
  print(fmt::format(R"({{"tensors": {{{}}}, "meta": {{{}}}}})", tensors_json(tensors),
                    values_json(file)));
}

}  // namespace

void add_weights(CLI::App& app) {
  const auto arguments = std::make_shared<WeightsArguments>();
  CLI::App* command = app.add_subcommand(
      "weights", "lists the tensors of a checkpoint, or writes its weights to a file");
  command->add_option("file", arguments->file, "a .safetensors or .pth file")->required();
  auto* out = command
                  ->add_option("--out", arguments->out,
                               "write only the weights to this file, .safetensors or .pth")
                  ->check(file_ending({".safetensors", ".pth", ".pt"}));
  auto* all =
      command->add_flag("--all", arguments->all, "with --out: write the state of the run too")
          ->needs(out);
  command
      ->add_option("--to", arguments->to,
                   "with --out: write the names of mae, mmpretrain, mmdet, detectron2 or timm")
      ->check(CLI::IsMember(name_layouts()))
      ->needs(out)
      ->excludes(all);
  command->add_option("--stats", arguments->stats, "print statistics of the tensor of this name")
      ->excludes(out);
  command->add_flag("--verify", arguments->verify, "compare the checksums of a .pth archive");
  command->add_flag("--json", arguments->json, "print names, dtypes, shapes and metadata as JSON")
      ->excludes(out);
  command->callback([arguments] { run(*arguments); });
}

}  // namespace pinfeed::cli

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <filesystem>
#include <iostream>
#include <memory>

#include "pinfeed/cli/command.h"
#include "pinfeed/cli/train_library.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"

namespace pinfeed::cli {
namespace {

namespace fs = std::filesystem;

struct PredictCommand {
  ConfigArguments config = {};
  std::string checkpoint = {};
  std::vector<std::string> inputs = {};
  std::string out_dir = {};
  double score = 0.3;
  std::string device = "auto";
};

bool is_image_name(const std::string& path) {
  constexpr std::array<const char*, 3> endings = {".jpg", ".jpeg", ".png"};
  return std::any_of(endings.begin(), endings.end(),
                     [&](const char* ending) { return has_ending(path, ending); });
}

// The images below a folder, sorted by path.
void add_folder(const std::string& folder, std::vector<std::string>& paths) {
  const auto first = static_cast<std::ptrdiff_t>(paths.size());
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && is_image_name(entry.path().string()))
      paths.push_back(entry.path().string());
  }
  if (std::ssize(paths) == first)
    throw Error(ErrorKind::data, folder + " has no .jpg, .jpeg or .png files")
        .help("`pinfeed predict CONFIG CHECKPOINT FILE...` takes files of any name");
  std::sort(paths.begin() + first, paths.end());
}

void add_lines(std::istream& input, std::vector<std::string>& paths) {
  for (std::string line; std::getline(input, line);)
    if (!line.empty()) paths.push_back(line);
}

std::vector<std::string> image_paths(const std::vector<std::string>& inputs) {
  std::vector<std::string> paths;
  for (const std::string& input : inputs) {
    std::error_code failed;
    if (input == "-") {
      add_lines(std::cin, paths);
    } else if (fs::is_directory(input, failed)) {
      add_folder(input, paths);
    } else if (fs::exists(input, failed)) {
      paths.push_back(input);
    } else {
      throw Error(ErrorKind::data, "there is no file or folder " + input)
          .help("name images, folders, or - for paths from stdin");
    }
  }
  if (paths.empty())
    throw Error(ErrorKind::data, "there are no images to predict: stdin has no lines");
  return paths;
}

void run(const PredictCommand& arguments) {
  const PredictReport report = TrainLibrary().predict(
      {.config = arguments.config.read_to_run(),
       .catalogs = arguments.config.catalogs(),
       .checkpoint = arguments.checkpoint,
       .images = image_paths(arguments.inputs),
       .out_dir = arguments.out_dir.empty() ? std::nullopt : std::optional(arguments.out_dir),
       .score = arguments.score,
       .device = arguments.device,
       .print_line = say});
  if (arguments.out_dir.empty()) return print(report.json.substr(0, report.json.size() - 1));
  const std::string path = arguments.out_dir + "/predictions.json";
  write_atomically(path, [&](FileWriter& writer) { writer.write(report.json); });
  for (const std::string& picture : report.pictures) say("wrote " + picture);
  say("wrote " + path);
}

}  // namespace

void add_predict(CLI::App& app) {
  const auto arguments = std::make_shared<PredictCommand>();
  CLI::App* command = app.add_subcommand(
      "predict", "detects objects in images; prints them as COCO JSON, or draws them");
  add_config_arguments(*command, arguments->config);
  command->add_option("checkpoint", arguments->checkpoint, "a .safetensors or .pth file")
      ->required();
  command
      ->add_option("images", arguments->inputs,
                   "image files, folders, or - for paths from stdin, one a line")
      ->required();
  command->add_option("--out-dir", arguments->out_dir,
                      "write pictures with boxes and masks, and predictions.json, to this folder");
  command->add_option("--score-thr", arguments->score, "least score of an object (0.3)")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N")
      ->check(device_name());
  add_weights_dir(*command);
  command->callback([arguments] { run(*arguments); });
}

}  // namespace pinfeed::cli

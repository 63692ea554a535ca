// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>

#include "pinfeed/annotations/coco_file.h"
#include "pinfeed/cli/command.h"
#include "pinfeed/cli/own_data_template.h"
#include "pinfeed/config/value/value.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"

namespace pinfeed::cli {
namespace {

struct NewConfigArguments {
  std::string images = {};
  std::string annotations = {};
  std::string val = {};
  std::string val_images = {};  // empty: as images
  std::string out = "own_data.py";
};

std::string absolute_path(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

// A folder as an absolute path that ends with a slash.
std::string absolute_folder(const std::string& path) {
  const std::string folder = absolute_path(path);
  return folder.ends_with('/') ? folder : folder + "/";
}

// The first images of a data set must be in their folder; looking for all would take long for a
// large one.
void require_images(const CocoFile& file, const std::string& folder) {
  constexpr std::size_t tried = 100;
  if (file.images.empty()) throw Error(ErrorKind::data, file.path + " lists no images");
  for (std::size_t i = 0; i < std::min(tried, file.images.size()); ++i) {
    const std::string name(file.name_of(file.images[i]));
    if (std::filesystem::exists(std::filesystem::path(folder) / name)) continue;
    throw Error(ErrorKind::data,
                fmt::format("{} lists the image '{}', which is not in {}", file.path, name, folder))
        .help("name the folder that the file names are relative to");
  }
}

// The names of the categories in the file's order, which is that of the labels.
std::vector<std::string> classes_of(const CocoFile& file) {
  std::vector<std::string> classes;
  for (const CocoCategory& category : file.categories) {
    if (std::find(classes.begin(), classes.end(), category.name) != classes.end()) {
      throw Error(ErrorKind::data,
                  fmt::format("{} has two categories of the name '{}'", file.path, category.name))
          .help("classes are distinguished by their names: rename or merge the categories");
    }
    classes.push_back(category.name);
  }
  if (classes.empty()) throw Error(ErrorKind::data, file.path + " has no categories");
  return classes;
}

// The number of objects of each category, by its name.
std::map<std::string, std::int64_t> objects_of(const CocoFile& file) {
  std::map<std::int64_t, std::string> names;
  std::map<std::string, std::int64_t> counts;
  for (const CocoCategory& category : file.categories) {
    names[category.id] = category.name;
    counts[category.name] = 0;
  }
  for (const CocoAnnotation& annotation : file.annotations) {
    const auto name = names.find(annotation.category_id);
    if (name != names.end()) ++counts[name->second];
  }
  return counts;
}

void warn_of_classes(const CocoFile& file, const std::vector<std::string>& classes,
                     const std::string& use) {
  const std::map<std::string, std::int64_t> counts = objects_of(file);
  for (const std::string& name : classes) {
    const auto count = counts.find(name);
    if (count == counts.end() || count->second == 0)
      say(fmt::format("warning: {} has no object of the class '{}'", file.path, name));
  }
  for (const auto& [name, count] : counts) {
    if (std::find(classes.begin(), classes.end(), name) != classes.end()) continue;
    say(fmt::format(
        "warning: {} objects of '{}' in {} are not {}, because the training file has no "
        "such category",
        count, name, file.path, use));
  }
}

Value tuple_of(const std::vector<std::string>& names) {
  Tuple tuple;
  for (const std::string& name : names) tuple.items.emplace_back(name);
  return tuple;
}

// `name = value` in place of the line of the template that assigns `name`.
void assign(std::string& text, const std::string& name, const Value& value) {
  const std::size_t start = text.find("\n" + name + " = ") + 1;
  const std::size_t end = text.find('\n', start);
  if (start == 0) throw Error(ErrorKind::bug, "the template has no line for " + name);
  text.replace(start, end - start, name + " = " + repr(value));
}

// One data set that the config names.
struct OwnData {
  std::string folder = {};
  CocoFile file = {};
};

OwnData read_own_data(const std::string& folder, const std::string& annotations) {
  OwnData data{absolute_folder(folder), read_coco_file(absolute_path(annotations))};
  require_images(data.file, data.folder);
  return data;
}

// The template with these data sets; without `val` it has no validation.
std::string config_text(const OwnData& train, const OwnData* val,
                        const std::vector<std::string>& classes) {
  std::string text(own_data_template);
  Dict images;
  Dict files;
  images.set("train", train.folder);
  files.set("train", train.file.path);
  if (val != nullptr) {
    images.set("val", val->folder);
    files.set("val", val->file.path);
  } else {
    text.erase(text.find("\n# Validation"));
  }
  assign(text, "images", images);
  assign(text, "annotations", files);
  assign(text, "classes", tuple_of(classes));
  return text;
}

void run(const NewConfigArguments& arguments) {
  if (std::filesystem::exists(arguments.out)) {
    throw Error(ErrorKind::config, arguments.out + " exists already")
        .help("choose another file with --out, or delete it");
  }
  const OwnData train = read_own_data(arguments.images, arguments.annotations);
  const std::vector<std::string> classes = classes_of(train.file);
  warn_of_classes(train.file, classes, "used");
  std::optional<OwnData> val;
  if (!arguments.val.empty()) {
    val = read_own_data(arguments.val_images.empty() ? arguments.images : arguments.val_images,
                        arguments.val);
    warn_of_classes(val->file, classes, "evaluated");
  }
  const std::string text = config_text(train, val ? &*val : nullptr, classes);
  write_atomically(arguments.out, [&](FileWriter& writer) { writer.write(text); });
  say(fmt::format("wrote {}: {} images to train on, {} to validate, {} {}", arguments.out,
                  train.file.images.size(), val ? val->file.images.size() : 0, classes.size(),
                  classes.size() == 1 ? "class" : "classes"));
}

}  // namespace

void add_new_config(CLI::App& app) {
  auto arguments = std::make_shared<NewConfigArguments>();
  CLI::App* command = app.add_subcommand(
      "new-config", "writes a config that trains a detector on COCO annotation files");
  command->add_option("--images", arguments->images, "the folder of the images")->required();
  command
      ->add_option("--annotations", arguments->annotations,
                   "the COCO file of the images to train on")
      ->required();
  CLI::Option* val = command->add_option(
      "--val", arguments->val, "the COCO file of the images to validate with; without: none");
  command
      ->add_option("--val-images", arguments->val_images,
                   "the folder of these images, if it is another one")
      ->needs(val);
  command->add_option("--out", arguments->out, "the file to write")->capture_default_str();
  command->callback([arguments] { run(*arguments); });
}

}  // namespace pinfeed::cli

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/synthetic/shapes.h"

#include <fmt/format.h>

#include <memory>

#include "pinfeed/cli/command.h"
#include "pinfeed/core/error.h"

namespace pinfeed::cli {
namespace {

struct ShapesArguments {
  std::string folder = {};
  std::string size = {};
  Shapes shapes = {};
};

// "160" or "200x150" (width x height).
Size read_size(const std::string& text) {
  std::size_t used = 0;
  Size size;
  try {
    size.width = size.height = std::stoi(text, &used);
    if (used < text.size() && text[used] == 'x') {
      const std::string rest = text.substr(used + 1);
      size.height = std::stoi(rest, &used);
      used += text.size() - rest.size();
    }
  } catch (const std::logic_error&) {
    used = 0;
  }
  if (used == text.size() && used > 0) return size;
  throw Error(ErrorKind::config, "--size is '" + text + "'; it must be N or WIDTHxHEIGHT");
}

void run(ShapesArguments& arguments) {
  Shapes& shapes = arguments.shapes;
  if (!arguments.size.empty()) shapes.size = read_size(arguments.size);
  write_shapes(shapes, arguments.folder);
  say(fmt::format("{}: {} + {} images of {}, classes {}", arguments.folder, shapes.images,
                  shapes.val, to_string(shapes.size), joined(shapes.classes)));
}

}  // namespace

void add_shapes(CLI::App& app) {
  auto arguments = std::make_shared<ShapesArguments>();
  Shapes& shapes = arguments->shapes;
  CLI::App* command = app.add_subcommand("shapes", "writes a small synthetic detection data set");
  command->add_option("folder", arguments->folder, "the folder to write")->required();
  command->add_option("--images", shapes.images, "number of training images")
      ->capture_default_str();
  command->add_option("--val", shapes.val, "number of validation images")->capture_default_str();
  command->add_option("--size", arguments->size, "pixels: N or WIDTHxHEIGHT (default 160)");
  command
      ->add_option("--classes", shapes.classes, "classes of objects, of: " + joined(shape_names()))
      ->capture_default_str();
  command->add_option("--max-objects", shapes.max_objects, "maximum number of objects per image")
      ->capture_default_str();
  command
      ->add_option("--min-radius", shapes.min_radius,
                   "minimum radius of an object, as a fraction of the shorter side")
      ->capture_default_str();
  command->add_option("--max-radius", shapes.max_radius, "maximum radius of an object")
      ->capture_default_str();
  command
      ->add_option("--rotation", shapes.rotation,
                   "maximum rotation of an object in both directions, degrees")
      ->capture_default_str();
  command
      ->add_option("--hue-spread", shapes.hue_spread,
                   "range of hues in a class: 0 is one hue for each class, 1 is any hue")
      ->capture_default_str();
  command->add_option("--quality", shapes.quality, "quality of the JPEG files")
      ->capture_default_str();
  command->add_option("--seed", shapes.seed, "seed of the random numbers")->capture_default_str();
  command->callback([arguments] { run(*arguments); });
}

}  // namespace pinfeed::cli

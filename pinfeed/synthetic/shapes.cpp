// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/synthetic/shapes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <numbers>
#include <system_error>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/core/random.h"
#include "pinfeed/image/codec/codec.h"
#include "pinfeed/image/draw/draw.h"
#include "pinfeed/synthetic/shape_background.h"
#include "pinfeed/synthetic/shape_outlines.h"

namespace pinfeed {
namespace {

using image::Color;
using image::Point;

// A shape in an image, with the values of its COCO annotation.
struct DrawnShape {
  std::size_t shape_class = 0;
  Rect box = {};
  std::int64_t area = 0;
  std::vector<Point> outline = {};
};

// The training or the validation part of the data set.
struct Split {
  std::string name;
  int images = 0;
};

// ---- parameters

template <typename Number>
void check_number(const char* name, Number value, Number low, Number high) {
  if (value >= low && value <= high) return;
  throw Error(ErrorKind::config,
              fmt::format("{} is {}; it must be from {} to {}", name, value, low, high));
}

void check_class(const std::string& name) {
  const std::vector<std::string> known = shape_names();
  if (std::find(known.begin(), known.end(), name) != known.end()) return;
  const std::string suggestion = nearest(name, known);
  throw Error(ErrorKind::config, fmt::format("there is no shape '{}'", name))
      .help((suggestion.empty() ? "" : "did you mean '" + suggestion + "'? ") +
            "the shapes are: " + joined(known));
}

void check(const Shapes& shapes) {
  check_number<int>("images", shapes.images, 0, 1000000);
  check_number<int>("val", shapes.val, 0, 1000000);
  check_number<int>("width", shapes.size.width, 32, 8192);
  check_number<int>("height", shapes.size.height, 32, 8192);
  check_number<int>("max_objects", shapes.max_objects, 1, 100);
  check_number<int>("quality", shapes.quality, 1, 100);
  check_number("min_radius", shapes.min_radius, 0.01, 0.5);
  check_number("max_radius", shapes.max_radius, shapes.min_radius, 0.5);
  check_number("rotation", shapes.rotation, 0.0, 180.0);
  check_number("hue_spread", shapes.hue_spread, 0.0, 1.0);
  if (shapes.classes.empty())
    throw Error(ErrorKind::config, "classes is empty; name at least one shape");
  for (const std::string& name : shapes.classes) check_class(name);
}

// ---- shapes

Rect box_of(const std::vector<image::Run>& runs) {
  int left = runs.front().first_x;
  int right = runs.front().end_x;
  for (const image::Run& run : runs) {
    left = std::min(left, run.first_x);
    right = std::max(right, run.end_x);
  }
  return {left, runs.front().y, right - left, runs.back().y + 1 - runs.front().y};
}

std::int64_t area_of(const std::vector<image::Run>& runs) {
  std::int64_t area = 0;
  for (const image::Run& run : runs) area += run.end_x - run.first_x;
  return area;
}

// Whether the box shares more than a tenth of the smaller box with one of the others.
bool overlaps(Rect a, const std::vector<DrawnShape>& others) {
  return std::any_of(others.begin(), others.end(), [a](const DrawnShape& other) {
    const Rect b = other.box;
    const int width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
    const int height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
    const int smaller = std::min(a.width * a.height, b.width * b.height);
    return width > 0 && height > 0 && width * height * 10 > smaller;
  });
}

const ShapeOutline& outline_of(const std::string& name) {
  return *std::find_if(shape_outlines().begin(), shape_outlines().end(),
                       [&name](const ShapeOutline& outline) { return outline.name == name; });
}

// The centres of the classes are at equal distances on the colour circle.
Hues hues_of(const Shapes& shapes, std::size_t shape_class) {
  return {static_cast<double>(shape_class) / static_cast<double>(shapes.classes.size()),
          shapes.hue_spread};
}

// Draws a random shape, unless it overlaps another one too much.
void try_to_draw_shape(const Shapes& shapes, const image::ImageView& view,
                       const Background& background, NumpyRandom& random,
                       std::vector<DrawnShape>& drawn) {
  const auto shape_class = static_cast<std::size_t>(random.randint(0, std::ssize(shapes.classes)));
  const double side = std::min(view.width, view.height);
  const double radius = side * random.uniform(shapes.min_radius, shapes.max_radius);
  const Point centre = {random.uniform(radius, view.width - radius),
                        random.uniform(radius, view.height - radius)};
  const double angle = random.uniform(-1.0, 1.0) * shapes.rotation * std::numbers::pi / 180.0;
  const Color color = contrasting_color(background, hues_of(shapes, shape_class), random);
  std::vector<Point> outline =
      transformed(outline_of(shapes.classes[shape_class]), centre, radius, angle);
  const std::vector<image::Run> runs = image::runs_inside(outline, view.size());
  if (runs.empty() || overlaps(box_of(runs), drawn)) return;
  image::fill_runs(view, runs, color);
  drawn.push_back({shape_class, box_of(runs), area_of(runs), std::move(outline)});
}

std::vector<DrawnShape> draw_image(const Shapes& shapes, const image::ImageView& view,
                                   NumpyRandom& random) {
  constexpr int tries_per_object = 12;
  const Background background = random_background(random);
  paint_background(view, background, random);
  const std::int64_t wanted = random.randint(1, shapes.max_objects + 1);
  std::vector<DrawnShape> drawn;
  for (std::int64_t i = 0; i < wanted * tries_per_object && std::ssize(drawn) < wanted; ++i) {
    try_to_draw_shape(shapes, view, background, random, drawn);
  }
  add_grain(view, random.uniform(4.0, 16.0), random);
  return drawn;
}

// ---- files

std::string annotation_text(const DrawnShape& drawn, std::int64_t id, int image_id) {
  std::string points;
  for (const Point& point : drawn.outline) {
    points += fmt::format("{}{:.2f},{:.2f}", points.empty() ? "" : ",", point.x, point.y);
  }
  return fmt::format(
      R"({{"id":{},"image_id":{},"category_id":{},"bbox":[{},{},{},{}],"area":{},"iscrowd":0,)"
      R"("segmentation":[[{}]]}})",
      id, image_id, drawn.shape_class + 1, drawn.box.x, drawn.box.y, drawn.box.width,
      drawn.box.height, drawn.area, points);
}

std::string categories_text(const Shapes& shapes) {
  std::string text;
  for (std::size_t i = 0; i < shapes.classes.size(); ++i) {
    text +=
        fmt::format(R"({}{{"id":{},"name":"{}"}})", i == 0 ? "" : ",", i + 1, shapes.classes[i]);
  }
  return text;
}

void make_folder(const std::string& path) {
  std::error_code reason;
  std::filesystem::create_directories(path, reason);
  if (!reason) return;
  throw Error(ErrorKind::system, fmt::format("cannot create {}: {}", path, reason.message()));
}

void write_split(const Shapes& shapes, const Split& split, std::uint64_t number,
                 const std::string& folder) {
  make_folder(folder + "/" + split.name);
  std::string images;
  std::string annotations;
  std::int64_t id = 0;
  for (int i = 0; i < split.images; ++i) {
    const image::Image image = image::make_image(shapes.size);
    Philox generator({.seed = shapes.seed,
                      .epoch = number,
                      .position = static_cast<std::uint64_t>(i),
                      .attempt = 0,
                      .step = hash32("shapes")});
    NumpyRandom random{Bits(generator)};
    const std::vector<DrawnShape> drawn = draw_image(shapes, image.view(), random);
    const std::string name = fmt::format("{:06}.jpg", i);
    image::write_jpeg(image, folder + "/" + split.name + "/" + name, shapes.quality);
    images +=
        fmt::format("{}\n{{\"id\":{},\"file_name\":\"{}\",\"width\":{},\"height\":{}}}",
                    images.empty() ? "" : ",", i + 1, name, shapes.size.width, shapes.size.height);
    for (const DrawnShape& one : drawn) {
      annotations += (annotations.empty() ? "\n" : ",\n") + annotation_text(one, ++id, i + 1);
    }
  }
  const std::string text =
      fmt::format("{{\"images\":[{}],\n\"annotations\":[{}],\n\"categories\":[{}]}}\n", images,
                  annotations, categories_text(shapes));
  write_atomically(folder + "/annotations/" + split.name + ".json",
                   [&](FileWriter& out) { out.write(text); });
}

}  // namespace

std::vector<std::string> shape_names() {
  std::vector<std::string> names;
  for (const ShapeOutline& outline : shape_outlines()) names.emplace_back(outline.name);
  return names;
}

void write_shapes(const Shapes& shapes, const std::string& folder) {
  check(shapes);
  make_folder(folder + "/annotations");
  write_split(shapes, {"train", shapes.images}, 0, folder);
  write_split(shapes, {"val", shapes.val}, 1, folder);
}

}  // namespace pinfeed

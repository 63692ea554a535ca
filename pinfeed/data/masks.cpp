// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet/structures/mask/structures.py; docs/specs/openmmlab-data.md, 4.0.
//
// A bitmap mask is an image expression over the outline of its object: resizing, flipping, cropping
// and padding only extend the expression, as for images. Most masks are never read during planning;
// their pixels are computed when the consumer of the batch reads them, or when a step needs the box
// or the area of a mask. Nearest-neighbour resizing does not commute with cropping in general, so
// the operations are applied in the order of the pipeline, which makes the pixels equal to
// upstream's.
//
// A polygon mask is a list of corners in double, and each operation moves every corner. Outlines
// are immutable, because other samples may share them (Mosaic), so each operation makes a new one
// in the arena. Upstream stores polygons whose coordinates are all integers in an integer array,
// which truncates the result of every operation; `integral` marks the parts for which replay does
// the same.
#include "pinfeed/data/masks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "pinfeed/core/error.h"
#include "pinfeed/data/cut_polygon.h"
#include "pinfeed/image/expression/render.h"

namespace pinfeed {
namespace {

// Applies `x` and `y`, functions of one coordinate, to the corners of all outlines.
template <class X, class Y>
void move_corners(Masks& masks, Arena& arena, X x, Y y) {
  for (const image::Outline*& outline : masks.outlines) {
    auto* parts = static_cast<std::span<const double>*>(
        arena.allocate(outline->polygons.size_bytes(), alignof(std::span<const double>)));
    for (std::size_t k = 0; k < outline->polygons.size(); ++k) {
      const std::span<const double> from = outline->polygons[k];
      auto* to = static_cast<double*>(arena.allocate(from.size_bytes(), alignof(double)));
      const bool integral = !outline->integral.empty() && outline->integral[k] != 0;
      for (std::size_t i = 0; i < from.size(); ++i) {
        const double moved = i % 2 == 0 ? x(from[i]) : y(from[i]);
        to[i] = integral ? std::trunc(moved) : moved;
      }
      new (parts + k) std::span<const double>(to, from.size());
    }
    outline =
        arena.make<image::Outline>(image::Outline{.size = masks.size,
                                                  .polygons = {parts, outline->polygons.size()},
                                                  .integral = outline->integral});
  }
}

// The parts of an object inside the window. They are not integral any more, except that upstream
// keeps an integral point for an object without parts.
const image::Outline* cropped_outline(const image::Outline& outline, const Rect& window,
                                      std::pmr::memory_resource* memory) {
  static constexpr std::array<double, 6> point = {};
  static constexpr std::array<std::uint8_t, 1> integers = {1};
  using Part = std::span<const double>;
  PolygonParts all(memory);
  for (const Part polygon : outline.polygons) cut_polygon(polygon, window, all);
  const std::size_t count = std::max<std::size_t>(all.size(), 1);
  auto* parts = static_cast<Part*>(memory->allocate(count * sizeof(Part), alignof(Part)));
  for (std::size_t k = 0; k < all.size(); ++k) {
    auto* to = static_cast<double*>(memory->allocate(all[k].size() * sizeof(double)));
    std::copy(all[k].begin(), all[k].end(), to);
    new (parts + k) Part(to, all[k].size());
  }
  image::Outline made{.size = {window.width, window.height}, .polygons = {parts, count}};
  if (all.empty()) new (parts) Part(point);
  if (all.empty() && !outline.integral.empty()) made.integral = integers;
  return new (memory->allocate(sizeof(image::Outline), alignof(image::Outline)))
      image::Outline(made);
}

bool covers(Size outer, Size inner) {
  return outer.width >= inner.width && outer.height >= inner.height;
}

// A step that changed the image but not its masks leaves masks of another size, with which upstream
// fails too.
void require_fit(bool fits, Size masks, Size image) {
  if (fits) return;
  throw Error(ErrorKind::data, "the masks are " + to_string(masks) +
                                   ", which does not fit an image of " + to_string(image))
      .help("a step before this one changes the size of the image and not that of its masks");
}

template <class Change>
void change_bitmaps(Masks& masks, Change change) {
  for (image::ImageExpr& bitmap : masks.bitmaps) bitmap = change(bitmap);
}

// Polygons that were joined with those of another image have its size.
image::ImageExpr outlined_at(image::Outline outline, Size size, Arena& arena) {
  outline.size = size;
  return image::outlined(arena.make<image::Outline>(outline), arena);
}

const image::Image& rendered(const image::ImageExpr& bitmap) {
  thread_local image::Scratch scratch;
  thread_local image::Image image;
  if (image.pixels.data() == nullptr || image.size() != bitmap.size()) {
    image = image::make_image(bitmap.size(), 1);
  }
  image::render(bitmap, image.view(), scratch);
  return image;
}

// The shoelace formula, summed in upstream's order so that the rounding is equal.
double polygon_area(std::span<const double> polygon) {
  const std::size_t count = polygon.size() / 2;
  double sum = 0.0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t before = (i + count - 1) % count;
    sum += polygon[2 * i] * polygon[2 * before + 1] - polygon[2 * i + 1] * polygon[2 * before];
  }
  return 0.5 * std::fabs(sum);
}

Box box_of_polygons(const image::Outline& outline) {
  Box box = {std::numeric_limits<float>::max(), std::numeric_limits<float>::max(), 0.0F, 0.0F};
  for (const std::span<const double> polygon : outline.polygons) {
    for (std::size_t i = 0; i + 1 < polygon.size(); i += 2) {
      const auto x = static_cast<float>(polygon[i]);
      const auto y = static_cast<float>(polygon[i + 1]);
      box = {std::min(box.x1, x), std::min(box.y1, y), std::max(box.x2, x), std::max(box.y2, y)};
    }
  }
  return box;
}

Box box_of_bitmap(const image::Image& mask) {
  int left = mask.width();
  int right = -1;
  int top = mask.height();
  int bottom = -1;
  for (int y = 0; y < mask.height(); ++y) {
    const std::uint8_t* row = mask.at(y, 0);
    const std::uint8_t* end = row + mask.width();
    const std::uint8_t* first = std::find_if(row, end, [](std::uint8_t v) { return v != 0; });
    if (first == end) continue;
    const std::uint8_t* last = end - 1;
    while (*last == 0) --last;
    left = std::min(left, static_cast<int>(first - row));
    right = std::max(right, static_cast<int>(last - row));
    top = std::min(top, y);
    bottom = y;
  }
  if (right < 0) return {};
  return {static_cast<float>(left), static_cast<float>(top), static_cast<float>(right + 1),
          static_cast<float>(bottom + 1)};
}

}  // namespace

void resize(Masks& masks, Size size, Arena& arena) {
  const double width_scale = static_cast<double>(size.width) / masks.size.width;
  const double height_scale = static_cast<double>(size.height) / masks.size.height;
  masks.size = size;
  move_corners(
      masks, arena, [=](double x) { return x * width_scale; },
      [=](double y) { return y * height_scale; });
  change_bitmaps(masks, [&](const image::ImageExpr& bitmap) {
    return image::resized(bitmap, size, image::Interpolation::nearest);
  });
}

void flip(Masks& masks, image::FlipDirection direction, Arena& arena) {
  const bool horizontal = direction != image::FlipDirection::vertical;
  const bool vertical = direction != image::FlipDirection::horizontal;
  move_corners(
      masks, arena, [&](double x) { return horizontal ? masks.size.width - x : x; },
      [&](double y) { return vertical ? masks.size.height - y : y; });
  change_bitmaps(masks,
                 [&](const image::ImageExpr& bitmap) { return image::flipped(bitmap, direction); });
}

void crop(Masks& masks, const Rect& window) {
  masks.size = {window.width, window.height};
  std::pmr::memory_resource* memory = masks.outlines.get_allocator().resource();
  for (const image::Outline*& outline : masks.outlines) {
    outline = cropped_outline(*outline, window, memory);
  }
  change_bitmaps(masks, [&](const image::ImageExpr& bitmap) {
    const Size corner = {window.x + window.width, window.y + window.height};
    require_fit(covers(bitmap.size(), corner), bitmap.size(), corner);
    return image::cropped(bitmap, window);
  });
}

void pad(Masks& masks, Size size, double value) {
  masks.size = size;
  for (const image::Outline*& outline : masks.outlines) {
    auto* moved = new (masks.outlines.get_allocator().resource()->allocate(
        sizeof(image::Outline), alignof(image::Outline))) image::Outline(*outline);
    moved->size = size;
    outline = moved;
  }
  change_bitmaps(masks, [&](const image::ImageExpr& bitmap) {
    require_fit(covers(size, bitmap.size()), bitmap.size(), size);
    return image::padded(bitmap, size, {value, value, value});
  });
}

void erase(Masks& masks, const Rect& window, double value) {
  change_bitmaps(masks, [&](const image::ImageExpr& bitmap) {
    return image::erased(bitmap, window, {value, value, value});
  });
}

void expand(Masks& masks, Size size, int x, int y, Arena& arena) {
  masks.size = size;
  move_corners(
      masks, arena, [=](double corner) { return corner + x; },
      [=](double corner) { return corner + y; });
  change_bitmaps(masks, [&](const image::ImageExpr& bitmap) {
    const Size corner = {x + bitmap.size().width, y + bitmap.size().height};
    require_fit(covers(size, corner), bitmap.size(), size);
    return image::placed(bitmap, size, x, y, {});
  });
}

Tensor pixels_of(const Masks& masks) {
  Tensor tensor = Tensor::empty(DType::uint8, {static_cast<std::int64_t>(masks.count()),
                                               masks.size.height, masks.size.width});
  const Size size = masks.size;
  thread_local image::Scratch scratch;
  Arena arena;
  for (std::size_t i = 0; i < masks.count(); ++i) {
    const image::ImageExpr bitmap =
        masks.polygons ? outlined_at(*masks.outlines[i], size, arena) : masks.bitmaps[i];
    const std::size_t bytes =
        static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height);
    image::render(bitmap, {tensor.data() + i * bytes, size.height, size.width, 1, size.width},
                  scratch);
  }
  return tensor;
}

Box box_of(const Masks& masks, std::size_t i) {
  return masks.polygons ? box_of_polygons(*masks.outlines[i])
                        : box_of_bitmap(rendered(masks.bitmaps[i]));
}

double area_of(const Masks& masks, std::size_t i) {
  if (masks.polygons) {
    double area = 0.0;
    for (const std::span<const double> part : masks.outlines[i]->polygons) {
      area += polygon_area(part);
    }
    return area;
  }
  const image::Image& mask = rendered(masks.bitmaps[i]);
  const std::uint8_t* values = mask.at(0, 0);
  return static_cast<double>(std::count_if(values, values + mask.pixels.bytes(),
                                           [](std::uint8_t value) { return value != 0; }));
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, mask_target, BitmapMasks.crop_and_resize and
// PolygonMasks.crop_and_resize.
//
// Bitmaps: a cell belongs to the target if the average of the mask in it, by RoIAlign, is at least
// 0.5. The mask is rendered once for each object, in the window around its boxes.
// Polygons: the corners are moved into the box, scaled to the cells and rasterised there.
#include "pinfeed/models/roi_heads/mask_targets.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "pinfeed/image/expression/render.h"
#include "pinfeed/models/ops/region_taps.h"
#include "pinfeed/models/torch_parallel.h"

namespace pinfeed {
namespace {

// A box and where its target is written.
struct MaskCell {
  Box box = {};
  float* target = nullptr;
};

// The boxes of each object.
using BoxesOfObjects = std::vector<std::pair<std::size_t, std::vector<MaskCell>>>;

// `position` within an axis of some length; 0 for NaN.
float on_axis(float position, float length) {
  return position > 0.0F ? std::min(position, length) : 0.0F;
}

BoxesOfObjects boxes_of_objects(const torch::Tensor& boxes, const torch::Tensor& objects, Size mask,
                                torch::Tensor& targets) {
  std::map<std::size_t, std::vector<MaskCell>> found;
  const auto width = static_cast<float>(mask.width);
  const auto height = static_cast<float>(mask.height);
  const auto* corner = boxes.const_data_ptr<float>();
  const auto* object = objects.const_data_ptr<std::int64_t>();
  const std::int64_t cells = targets.size(1) * targets.size(2);
  for (std::int64_t i = 0; i < boxes.size(0); ++i, corner += 4) {
    const Box box = {on_axis(corner[0], width), on_axis(corner[1], height),
                     on_axis(corner[2], width), on_axis(corner[3], height)};
    found[static_cast<std::size_t>(object[i])].push_back(
        {box, targets.data_ptr<float>() + i * cells});
  }
  return {found.begin(), found.end()};
}

// The window of pixels that RoIAlign reads for the boxes; at least one pixel.
Rect window_around(const std::vector<MaskCell>& cells, Size mask) {
  Box around = cells.front().box;
  for (const MaskCell& cell : cells) {
    around = {std::min(around.x1, cell.box.x1), std::min(around.y1, cell.box.y1),
              std::max(around.x2, cell.box.x2), std::max(around.y2, cell.box.y2)};
  }
  const int left = std::clamp(static_cast<int>(around.x1) - 2, 0, mask.width - 1);
  const int top = std::clamp(static_cast<int>(around.y1) - 2, 0, mask.height - 1);
  const int right = std::clamp(static_cast<int>(around.x2) + 2, left + 1, mask.width);
  const int bottom = std::clamp(static_cast<int>(around.y2) + 2, top + 1, mask.height);
  return {left, top, right - left, bottom - top};
}

// A part of a mask.
struct MaskWindow {
  Rect window = {};
  std::vector<std::uint8_t> pixels = {};

  float at(std::int64_t x, std::int64_t y) const {
    const std::int64_t column = std::clamp<std::int64_t>(x - window.x, 0, window.width - 1);
    const std::int64_t row = std::clamp<std::int64_t>(y - window.y, 0, window.height - 1);
    return pixels[static_cast<std::size_t>(row * window.width + column)];
  }
};

MaskWindow rendered_window(const image::ImageExpr& bitmap, const Rect& window) {
  thread_local image::Scratch scratch;
  Arena arena(4096);  // of this thread: the cropped expression is new
  MaskWindow result{.window = window};
  result.pixels.resize(static_cast<std::size_t>(window.width) *
                       static_cast<std::size_t>(window.height));
  auto* bytes = reinterpret_cast<std::byte*>(result.pixels.data());
  image::render(image::cropped(image::copied(bitmap, arena), window),
                {bytes, window.height, window.width, 1, window.width}, scratch);
  return result;
}

float cell_average(const MaskWindow& mask, const RegionAxis& rows, const RegionAxis& columns,
                   std::int64_t row, std::int64_t column) {
  float sum = 0.0F;
  for (std::int64_t i = 0; i < rows.per_cell; ++i) {
    const RegionTap& y = rows.taps[static_cast<std::size_t>(row * rows.per_cell + i)];
    for (std::int64_t j = 0; j < columns.per_cell; ++j) {
      const RegionTap& x = columns.taps[static_cast<std::size_t>(column * columns.per_cell + j)];
      sum += y.low_weight * x.low_weight * mask.at(x.low, y.low) +
             y.low_weight * x.high_weight * mask.at(x.high, y.low) +
             y.high_weight * x.low_weight * mask.at(x.low, y.high) +
             y.high_weight * x.high_weight * mask.at(x.high, y.high);
    }
  }
  return sum / static_cast<float>(std::max<std::int64_t>(1, rows.per_cell * columns.per_cell));
}

void write_bitmap_target(const MaskWindow& mask, Size whole, const MaskCell& cell, int size) {
  const RegionAxis columns =
      region_axis(cell.box.x1 - 0.5F, cell.box.x2 - 0.5F, size, 0, whole.width);
  const RegionAxis rows =
      region_axis(cell.box.y1 - 0.5F, cell.box.y2 - 0.5F, size, 0, whole.height);
  for (int i = 0; i < size * size; ++i) {
    const float average = cell_average(mask, rows, columns, i / size, i % size);
    cell.target[i] = average >= 0.5F ? 1.0F : 0.0F;
  }
}

// The corners of a part in cells of the box. Upstream stores some parts as integers.
std::vector<double> corners_in_cells(std::span<const double> part, bool integral, const Box& box,
                                     int size) {
  const float x_scale = static_cast<float>(size) / std::max(box.x2 - box.x1, 1.0F);
  const float y_scale = static_cast<float>(size) / std::max(box.y2 - box.y1, 1.0F);
  std::vector<double> corners(part.begin(), part.end());
  for (std::size_t i = 0; i < corners.size(); ++i) {
    const bool is_x = i % 2 == 0;
    double moved = corners[i] - static_cast<double>(is_x ? box.x1 : box.y1);
    if (integral) moved = std::trunc(moved);
    moved *= static_cast<double>(is_x ? x_scale : y_scale);
    corners[i] = integral ? std::trunc(moved) : moved;
  }
  return corners;
}

void write_polygon_target(const image::Outline& outline, const MaskCell& cell, int size) {
  std::vector<std::vector<double>> parts;
  std::vector<std::span<const double>> views;
  for (std::size_t k = 0; k < outline.polygons.size(); ++k) {
    const bool integral = !outline.integral.empty() && outline.integral[k] != 0;
    parts.push_back(corners_in_cells(outline.polygons[k], integral, cell.box, size));
  }
  for (const std::vector<double>& part : parts) views.emplace_back(part);
  std::vector<std::uint64_t> toggles;
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(size) * static_cast<std::size_t>(size));
  image::rasterise({.size = {size, size}, .polygons = views},
                   {reinterpret_cast<std::byte*>(pixels.data()), size, size, 1, size}, toggles);
  for (std::size_t i = 0; i < pixels.size(); ++i) cell.target[i] = static_cast<float>(pixels[i]);
}

}  // namespace

torch::Tensor mask_targets(const TruthMasks& truth, const torch::Tensor& boxes,
                           const torch::Tensor& objects, int size) {
  torch::Tensor targets = torch::zeros({boxes.size(0), size, size});
  const Masks& masks = truth.masks;
  if (boxes.size(0) == 0 || masks.size.width < 1 || masks.size.height < 1) return targets;
  const BoxesOfObjects all =
      boxes_of_objects(boxes.contiguous(), objects.contiguous(), masks.size, targets);
  in_parallel(std::ssize(all), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const auto& [object, cells] = all[static_cast<std::size_t>(i)];
      MaskWindow mask;
      if (!masks.polygons)
        mask = rendered_window(masks.bitmaps[object], window_around(cells, masks.size));
      for (const MaskCell& cell : cells) {
        if (masks.polygons) {
          write_polygon_target(*masks.outlines[object], cell, size);
        } else {
          write_bitmap_target(mask, masks.size, cell, size);
        }
      }
    }
  });
  return targets;
}

}  // namespace pinfeed

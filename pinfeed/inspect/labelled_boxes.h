// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "pinfeed/image/draw/draw.h"
#include "pinfeed/image/image.h"

namespace pinfeed {

/// An object as it is drawn: a frame and a text beside it.
struct LabelledBox {
  Rect rect = {};  // pixels of the canvas
  image::Color color = {};
  std::string label = {};  // may be empty
};

/// The rectangle between two corners, rounded to pixels. Coordinates that are far away or not
/// finite are moved to the nearest that can be drawn.
Rect rect_between(double x1, double y1, double x2, double y2);

/// Draws the frames, and then each label where it covers least of the boxes and of the labels drawn
/// before: above or below its box, or beside it. A box outside of the canvas has no label.
void draw_labelled_boxes(const image::ImageView& canvas, std::span<const LabelledBox> boxes,
                         int text_scale = 1);

/// The height of a label, pixels.
int label_height(int text_scale = 1);

}  // namespace pinfeed

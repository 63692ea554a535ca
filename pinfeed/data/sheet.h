// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/data/loader.h"
#include "pinfeed/image/image.h"

namespace pinfeed {

/// The picture of sample `i` as the model will get it, (H, W, 3) BGR uint8: what was normalised is
/// brought back. Throws Error(data) when the sample packed no picture.
image::Image shown_picture(const Batch& batch, std::size_t i);

/// Draws boxes with the names of their classes: objects in their class's colour, ignored ones grey.
/// `scale_x`, `scale_y` bring box coordinates to pixels of `image`.
void draw_boxes(const image::ImageView& image, const Sample& sample,
                const std::vector<std::string>& classes, double scale_x, double scale_y);

/// Tiles of equal size, `columns` a row, with a margin between them.
image::Image contact_sheet(const std::vector<image::Image>& tiles, int columns);

}  // namespace pinfeed

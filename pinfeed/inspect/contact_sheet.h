// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pinfeed/data/loader/loader.h"
#include "pinfeed/image/image.h"

namespace pinfeed {

/// The image of sample `i` as the model will get it, (H, W, 3) BGR uint8: what was normalised is
/// brought back. Throws Error(data) when the sample packed no image.
image::Image shown_image(const Batch& batch, std::size_t i);

/// An image of 3 channels as BGR uint8: what was normalised by `by` is brought back.
image::Image as_bytes(const image::ImageView& image, const std::optional<image::Normalization>& by);

/// Draws masks, the image shining through, in the colours of draw_boxes. `fitted` is the size to
/// which the sample's image was brought in `image`.
void draw_masks(const image::ImageView& image, const Sample& sample, Size fitted);

/// Draws boxes with the names of their classes: objects in their class's colour, ignored ones grey.
/// `scale_x`, `scale_y` bring box coordinates to pixels of `image`.
void draw_boxes(const image::ImageView& image, const Sample& sample,
                const std::vector<std::string>& classes, double scale_x, double scale_y);

/// A tile with nothing on it.
image::Image blank_tile(Size size);

/// Tiles of equal size, `columns` a row, with a margin between them.
image::Image contact_sheet(const std::vector<image::Image>& tiles, int columns);

}  // namespace pinfeed

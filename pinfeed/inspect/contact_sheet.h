// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pinfeed/data/loader/loader.h"
#include "pinfeed/image/image.h"
#include "pinfeed/inspect/source_map.h"

namespace pinfeed {

/// The image of sample `i` as the model gets it, as (H, W, 3) BGR uint8; a normalised image is
/// denormalised. Throws Error(data) when the pipeline packed no image.
image::Image model_input_image(const Batch& batch, std::size_t i);

/// An image of 3 channels as BGR uint8; a float32 image was normalised with `normalization`.
image::Image as_bytes(const image::ImageView& image,
                      const std::optional<image::Normalization>& normalization);

/// Draws masks, translucent, in the colours of draw_boxes. `map` gives pixels of `image` for
/// coordinates of the masks.
void draw_masks(const image::ImageView& image, const Sample& sample, const SourceMap& map);

/// Draws boxes and the names of their classes, in the colour of the class, ignored objects in grey.
/// `map` gives pixels of `image` for coordinates of the boxes. Names cover as little of the objects
/// as possible.
void draw_boxes(const image::ImageView& image, const Sample& sample,
                const std::vector<std::string>& classes, const SourceMap& map);

/// A white tile.
image::Image blank_tile(Size size);

/// One image with all tiles in rows of `columns`, with margins, and above each row its title, if
/// there are titles. The tiles must have equal sizes, and there must be at least one.
image::Image contact_sheet(const std::vector<image::Image>& tiles, int columns,
                           const std::vector<std::string>& row_titles = {});

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pinfeed::image {

/// How pixels of another size are made.
enum class Interpolation { nearest, bilinear, bicubic, area, lanczos, box, hamming };
/// The library whose rules they follow. OpenCV (without IPP): all but box and hamming. Pillow: all
/// but nearest and area, of uint8 only.
enum class Library { opencv, pillow };
/// What stands beyond the edges of an image: its outermost pixels, or the image mirrored,
/// without (reflect) or with (symmetric) the outermost pixels twice.
enum class Border { edge, reflect, symmetric };
enum class FlipDirection { horizontal, vertical, diagonal };

}  // namespace pinfeed::image

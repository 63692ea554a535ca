// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pinfeed::image {

/// How a resize computes pixels.
enum class Interpolation { nearest, bilinear, bicubic, area, lanczos, box, hamming };
/// The library whose rules a resize follows. OpenCV (without IPP): all interpolations but box and
/// hamming. Pillow: all but nearest and area, for uint8 only.
enum class Library { opencv, pillow };
/// The pixels beyond the edges of an image: a repetition of its outermost pixels (edge), or the
/// mirrored image, without (reflect) or with (symmetric) a repetition of the outermost pixels.
enum class Border { edge, reflect, symmetric };
enum class FlipDirection { horizontal, vertical, diagonal };

}  // namespace pinfeed::image

// SPDX-License-Identifier: Apache-2.0
// The state of one render() call, for render*.cpp.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "pinfeed/image/expression/pass.h"
#include "pinfeed/image/expression/render.h"
#include "pinfeed/image/expression/render_buffers.h"
#include "pinfeed/image/rects.h"
#include "pinfeed/image/resample/filters.h"

namespace pinfeed::image {

struct Scratch::Parts {
  Workspace workspace = {};
  FilterWorkspace filters = {};
  std::shared_ptr<PixelCache> cache = {};   // before `levels`, whose readers use it until the end
  std::deque<RenderBuffers> levels = {};    // of expressions inside expressions, by depth
  std::vector<std::uint64_t> toggles = {};  // working memory of rasterise()
};

/// Computes `window` of the image into `out`, which has the window's size. The window may be
/// empty: then the files are still checked. `depth` is 0 for the outermost expression.
void render_window(std::size_t depth, const ImageExpr& image, Rect window, const ImageView& out,
                   Scratch::Parts& parts);

/// The expression being computed.
struct RenderContext {
  Scratch::Parts* parts;
  std::size_t depth;  // 0, or how many expressions contain this one
  Rect wanted;        // the part of the expression's result that is computed
  ImageView target;   // of the wanted size

  RenderBuffers& buffers() const { return parts->levels[depth]; }
  ImageView next_buffer(Size size, int channels, DType dtype) const {
    return buffers().next(size, channels, dtype);
  }
  /// Where a whole-image step writes its result: into the target if it is the last step and all of
  /// its result is wanted, otherwise into a buffer.
  ImageView output_for(const Node& node) const {
    const bool is_last = &node == buffers().chain.back() && wanted == whole(node.size);
    return is_last ? target : next_buffer(node.size, node.channels, node.dtype);
  }
  void render_inner(const ImageExpr& image, Rect window, const ImageView& out) const {
    render_window(depth + 1, image, window, out, *parts);
  }
};

}  // namespace pinfeed::image

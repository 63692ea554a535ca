// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/expression/render_sources.h"

#include "pinfeed/core/error.h"
#include "pinfeed/image/expression/fuse.h"
#include "pinfeed/image/expression/region_needed.h"
#include "pinfeed/image/expression/rows.h"

namespace pinfeed::image {
namespace {

// Returns whether the file is truncated.
bool decode_stored(Encoded& encoded, const ImageView& stored, const RenderContext& context) {
  const RenderClock::Part part(context.parts->workspace.clock, RenderStage::decode);
  if (encoded.header.format == Format::png) {
    const bool truncated = decode_png(encoded.bytes, stored, encoded.allow_truncated);
    if (truncated) mark_truncated(encoded);
    return truncated;
  }
  jpeg::JpegPixels& jpeg = context.parts->workspace.jpeg;
  open_jpeg(encoded, jpeg, ChannelOrder::bgr);
  for (int y = 0; y < stored.height; ++y) jpeg.read(stored.row(y));
  close_jpeg(encoded, jpeg);
  return jpeg.truncated();
}

// Pixels of a truncated file are not cached.
ImageView cached_pixels(Encoded& encoded, const RenderContext& context) {
  PixelCache& cache = *context.parts->cache;
  PixelCache::Reader& reader = context.buffers().cached;
  reader = cache.find(encoded);
  if (reader) return reader->view();
  reader = cache.reserve(encoded);
  if (!decode_stored(encoded, reader->view(), context)) cache.publish(reader);
  return reader->view();
}

// A JPEG is decoded row by row while the pass runs. It is decoded as a whole, here, if it is cached
// or has an EXIF orientation to apply; a PNG always is.
Pass pass_of(Encoded* encoded, const Node&, const RenderContext& context) {
  const Header& header = encoded->header;
  const bool must_orient = encoded->apply_orientation && header.orientation != 1;
  const PixelCache* cache = context.parts->cache.get();
  if (!must_orient && cache != nullptr && cache->accepts(*encoded)) {
    return identity_pass(cached_pixels(*encoded, context));
  }
  if (header.format == Format::jpeg && !must_orient) {
    Pass pass = identity_pass(ImageView{nullptr, header.stored.height, header.stored.width});
    pass.encoded = encoded;
    return pass;
  }
  const ImageView stored = context.next_buffer(header.stored, 3, DType::uint8);
  decode_stored(*encoded, stored, context);
  if (!must_orient) return identity_pass(stored);
  const RenderClock::Part part(context.parts->workspace.clock, RenderStage::decode);
  const ImageView oriented = context.next_buffer(header.oriented(), 3, DType::uint8);
  copy_oriented(stored, header.orientation, oriented);
  return identity_pass(oriented);
}

Pass pass_of(const ImageView& pixels, const Node&, const RenderContext&) {
  return identity_pass(pixels);
}

Pass pass_of(const Outline* outline, const Node&, const RenderContext& context) {
  const ImageView mask = context.next_buffer(outline->size, 1, DType::uint8);
  rasterise(*outline, mask, context.parts->toggles);
  return identity_pass(mask);
}

// Renders the part of the canvas that later steps read. An image outside this part is opened all
// the same, so that whether a truncated file is found does not depend on random numbers.
Pass pass_of(const Composed& canvas, const Node& node, const RenderContext& context) {
  const ImageView all = context.next_buffer(node.size, node.channels, node.dtype);
  const Rect region = region_needed(node.size, context.buffers().chain, context.wanted);
  Fill fill;
  for (std::size_t c = 0; c < canvas.fill.size(); ++c) {
    fill.value[c] = stored_fill(canvas.fill[c], node.dtype);
  }
  for_each_gap(region, canvas.pieces, [&](Rect gap) {
    fill.rect = gap;
    write_fill(fill, all);
  });
  for (const Piece& piece : canvas.pieces) {
    const Rect part = common(rect_of(piece), region);
    const Rect window = is_empty(part) ? Rect{} : moved(part, -piece.x, -piece.y);
    context.render_inner(piece.image, window, part_of(all, part));
  }
  return identity_pass(all);
}

template <class Step>
Pass pass_of(const Step&, const Node&, const RenderContext&) {
  throw Error(ErrorKind::bug, "the first node of an expression is not a source");
}

}  // namespace

Pass source_pass(const Node& source, const RenderContext& context) {
  return std::visit([&](const auto& step) { return pass_of(step, source, context); }, source.step);
}

}  // namespace pinfeed::image

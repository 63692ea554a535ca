// SPDX-License-Identifier: Apache-2.0
// An expression is cut into passes (pass.h): each step joins the pass being collected where the
// fusing rules (fuse.h) allow; otherwise the pass is computed to scratch and its result is the
// source of the next. Steps that look at whole images are computed by themselves.
#include "pinfeed/image/expression/render.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/image/expression/fuse.h"
#include "pinfeed/image/expression/region_needed.h"
#include "pinfeed/image/expression/render_buffers.h"
#include "pinfeed/image/expression/rows.h"
#include "pinfeed/image/resample/border.h"
#include "pinfeed/image/resample/filters.h"
#include "pinfeed/image/resample/warp.h"

namespace pinfeed::image {

struct Scratch::Parts {
  Workspace space = {};
  FilterSpace filters = {};
  std::deque<RenderBuffers> levels = {};    // expressions inside expressions
  std::vector<std::uint64_t> toggles = {};  // of an outline
  std::shared_ptr<PixelCache> cache = {};
};

namespace {

using Parts = Scratch::Parts;

// `window` of the image into `out`, which has its size.
void render_at(std::size_t depth, const ImageExpr& image, Rect window, const ImageView& out,
               Parts& parts);

// The expression that is being computed, and how deep it stands inside others.
struct RenderContext {
  Parts* parts;
  std::size_t depth;
  Rect wanted;  // of the expression
  ImageView target;

  RenderBuffers& buffers() const { return parts->levels[depth]; }
  ImageView next(Size size, int channels, DType dtype) const {
    return buffers().next(size, channels, dtype);
  }
  /// Where a step that is computed by itself leaves its result: the last one where it is wanted.
  ImageView place_for(const Node& node) const {
    const bool last = &node == buffers().chain.back() && wanted == whole(node.size);
    return last ? target : next(node.size, node.channels, node.dtype);
  }
  void render_inner(const ImageExpr& image, Rect window, const ImageView& out) const {
    render_at(depth + 1, image, window, out, *parts);
  }
};

bool decode_whole(Encoded& encoded, const ImageView& stored, const RenderContext& stand) {
  const RenderClock::Part part(stand.parts->space.clock, RenderStage::decode);
  JpegRows& jpeg = stand.parts->space.jpeg;
  const bool is_png = encoded.header.format == Format::png;
  const bool truncated = is_png ? decode_png(encoded.bytes, stored, encoded.allow_truncated)
                                : decode_jpeg(encoded.bytes, stored, encoded.allow_truncated, jpeg);
  if (!is_png && jpeg.damaged()) mark_damaged(encoded);
  if (truncated) mark_truncated(encoded);
  return truncated;
}

// What was decoded before, or is decoded now to be found later. Made-up pixels are not kept.
ImageView kept_pixels(Encoded& encoded, const RenderContext& stand) {
  PixelCache& cache = *stand.parts->cache;
  PixelCache::Reader& reader = stand.buffers().kept;
  reader = cache.find(encoded);
  if (reader) return reader->view();
  reader = cache.room_for(encoded);
  if (!decode_whole(encoded, reader->view(), stand)) cache.keep(reader);
  return reader->view();
}

// A JPEG is decoded row by row, later; as a whole where it is kept or turned, and a PNG.
Pass first_pass(Encoded* encoded, const Node&, const RenderContext& stand) {
  const Header& header = encoded->header;
  const bool turned = encoded->apply_orientation && header.orientation != 1;
  const PixelCache* cache = stand.parts->cache.get();
  if (!turned && cache != nullptr && cache->takes(*encoded)) {
    return pass_over(kept_pixels(*encoded, stand));
  }
  if (header.format == Format::jpeg && !turned) {
    Pass pass = pass_over(ImageView{nullptr, header.stored.height, header.stored.width});
    pass.encoded = encoded;
    return pass;
  }
  const ImageView stored = stand.next(header.stored, 3, DType::uint8);
  decode_whole(*encoded, stored, stand);
  if (!turned) return pass_over(stored);
  const RenderClock::Part part(stand.parts->space.clock, RenderStage::decode);
  const ImageView shown = stand.next(header.oriented(), 3, DType::uint8);
  copy_oriented(stored, header.orientation, shown);
  return pass_over(shown);
}

Pass first_pass(const ImageView& pixels, const Node&, const RenderContext&) {
  return pass_over(pixels);
}

Pass first_pass(const Outline* outline, const Node&, const RenderContext& stand) {
  const ImageView mask = stand.next(outline->size, 1, DType::uint8);
  rasterise(*outline, mask, stand.parts->toggles);
  return pass_over(mask);
}

// Of each image, in its place on the canvas, what is looked at. One that lies outside is opened
// all the same: whether its file ended early must not depend on chance.
Pass first_pass(const Composed& canvas, const Node& node, const RenderContext& stand) {
  const ImageView all = stand.next(node.size, node.channels, node.dtype);
  const Rect seen = needed(node.size, stand.buffers().chain, stand.wanted);
  Fill fill;
  for (std::size_t c = 0; c < canvas.fill.size(); ++c) {
    fill.value[c] = stored_fill(canvas.fill[c], node.dtype);
  }
  for_each_gap(seen, canvas.pieces, [&](Rect gap) {
    fill.rect = gap;
    write_fill(fill, all);
  });
  for (const Piece& piece : canvas.pieces) {
    const Rect part = common(place_of(piece), seen);
    const Rect window = is_empty(part) ? Rect{} : moved(part, -piece.x, -piece.y);
    stand.render_inner(piece.image, window, part_of(all, part));
  }
  return pass_over(all);
}

template <class Step>
Pass first_pass(const Step&, const Node&, const RenderContext&) {
  throw Error(ErrorKind::bug, "an expression begins with a step that is no source");
}

// What the steps so far made, as pixels that may be written over.
ImageView computed(const Pass& pass, const RenderContext& stand) {
  if (const auto shown = plain_part(pass); shown && stand.buffers().owns(*shown)) return *shown;
  const ImageView result = stand.next(pass.canvas, pass.pixels.channels, pass.result_dtype());
  run(pass, result, stand.parts->space);
  return result;
}

// Each look_at computes a step that needs the whole of `in`, which it may write over.

ImageView apply_whole_image(const ImageView& in, const Resized& step, const Node& node,
                            const RenderContext& stand) {
  const ImageView out = stand.place_for(node);
  if (step.pixels_of == Library::pillow)
    resize_as_pillow(in, step.interpolation, out, stand.parts->filters);
  else if (step.interpolation == Interpolation::area)
    resize_by_area(in, out);
  else
    resize_windowed(in, step.interpolation, out, stand.parts->filters);
  return out;
}

ImageView apply_whole_image(const ImageView& in, const Extended& step, const Node& node,
                            const RenderContext& stand) {
  const ImageView out = stand.place_for(node);
  extend(in, step.border, out);
  return out;
}

ImageView apply_whole_image(const ImageView& in, const ResizedInDoubles&, const Node& node,
                            const RenderContext& stand) {
  const ImageView out = stand.place_for(node);
  resize_in_doubles(in, out, stand.parts->filters);
  return out;
}

ImageView apply_whole_image(const ImageView& in, const Warped& step, const Node& node,
                            const RenderContext& stand) {
  const ImageView out = stand.place_for(node);
  warp(in, step.back, step.border, out);
  return out;
}

ImageView apply_whole_image(const ImageView& in, const Blended& step, const Node& node,
                            const RenderContext& stand) {
  const ImageView other = stand.place_for(node);
  stand.render_inner(step.other, whole(node.size), other);
  blend(in, other);
  return other;
}

ImageView apply_whole_image(const ImageView& in, const HueGains& step, const Node&,
                            const RenderContext&) {
  add_in_hsv(step, in);
  return in;
}

ImageView apply_whole_image(const ImageView& in, const Distortion& step, const Node&,
                            const RenderContext&) {
  distort(step, in);
  return in;
}

ImageView apply_whole_image(const ImageView& in, const Jitter& step, const Node&,
                            const RenderContext&) {
  jitter(step, in);
  return in;
}

template <class Step>
ImageView apply_whole_image(const ImageView& in, const Step&, const Node&, const RenderContext&) {
  return in;
}

struct StageOf {
  RenderStage operator()(const Resized&) const { return RenderStage::resample; }
  RenderStage operator()(const Extended&) const { return RenderStage::write; }
  RenderStage operator()(const ResizedInDoubles&) const { return RenderStage::resample; }
  RenderStage operator()(const Warped&) const { return RenderStage::resample; }
  template <class Step>
  RenderStage operator()(const Step&) const {
    return RenderStage::colour;
  }
};

void add(Pass& pass, const Node& node, const RenderContext& stand) {
  if (fuses(pass, node)) return;
  const ImageView so_far = computed(pass, stand);
  pass = pass_over(so_far);
  if (fuses(pass, node)) return;
  const RenderClock::Part part(stand.parts->space.clock, std::visit(StageOf(), node.step));
  pass = pass_over(std::visit(
      [&](const auto& step) { return apply_whole_image(so_far, step, node, stand); }, node.step));
}

// The steps above the source, first to last.
const Node& collect(const Node* node, std::vector<const Node*>& chain) {
  chain.clear();
  for (; node->below != nullptr; node = node->below) chain.push_back(node);
  std::reverse(chain.begin(), chain.end());
  return *node;
}

std::string_view path_of(const Node& source) {
  const auto* encoded = std::get_if<Encoded*>(&source.step);
  return encoded != nullptr ? (*encoded)->path : std::string_view();
}

// A result that is not read again soon and does not fit where it would wait.
bool too_large_for_caches(const ImageView& out) {
  constexpr std::ptrdiff_t fits = 1 << 20;  // bytes
  return out.row_bytes * out.height > fits;
}

void render_at(std::size_t depth, const ImageExpr& image, Rect window, const ImageView& out,
               Parts& parts) {
  if (parts.levels.size() <= depth) parts.levels.resize(depth + 1);
  const RenderContext stand{&parts, depth, window, out};
  stand.buffers().turn = 0;  // the same buffers for the same expression
  stand.buffers().kept = {};
  const Node& source = collect(image.node(), stand.buffers().chain);
  try {
    Pass pass =
        std::visit([&](const auto& step) { return first_pass(step, source, stand); }, source.step);
    for (const Node* node : stand.buffers().chain) add(pass, *node, stand);
    if (pass.encoded == nullptr && pass.pixels.data == out.data) return;  // place_for(the last)
    if (window != whole(image.size())) keep(pass, window);
    pass.past_caches = depth == 0 && too_large_for_caches(out);
    run(pass, out, parts.space);
  } catch (Error& error) {
    if (!path_of(source).empty()) error.with_context(FileContext{std::string(path_of(source))});
    throw;
  }
}

}  // namespace

Scratch::Scratch() : parts_(std::make_unique<Parts>()) {}
Scratch::Scratch(Scratch&&) noexcept = default;
Scratch& Scratch::operator=(Scratch&&) noexcept = default;
Scratch::~Scratch() = default;

void Scratch::share(std::shared_ptr<PixelCache> cache) {
  parts_->levels.clear();
  parts_->cache = std::move(cache);
}

void Scratch::measure(bool on) { parts_->space.clock.measure(on); }

const RenderTimes& Scratch::times() const { return parts_->space.clock.times(); }

void render(const ImageExpr& image, const ImageView& out, Scratch& scratch) {
  if (out.size() != image.size() || out.channels != image.channels() ||
      out.dtype != image.dtype()) {
    throw Error(ErrorKind::bug, "an image of " + to_string(image.size()) +
                                    " is rendered into a view of " + to_string(out.size()));
  }
  RenderClock& clock = scratch.parts_->space.clock;
  clock.begin(RenderStage::write);
  render_at(0, image, whole(image.size()), out, *scratch.parts_);
  clock.end();
}

Image render(const ImageExpr& image) {
  thread_local Scratch scratch;
  Image rendered = make_image(image.size(), image.channels(), image.dtype());
  render(image, rendered.view(), scratch);
  return rendered;
}

}  // namespace pinfeed::image

// SPDX-License-Identifier: Apache-2.0
// How an expression is computed.
//
// The nodes from the source upwards are split into passes (pass.h). The source gives the first pass
// (render_sources.cpp). Each further step joins the pass if the fusing rules allow it (fuse.cpp).
// If they do not, the pass runs into a buffer, and the step joins a new pass over that buffer. A
// step that can join no pass is computed on the whole buffer (render_whole_image.cpp). The last
// pass writes into the caller's memory, so an expression whose steps all fuse reads its file once
// and writes each pixel once.
//
// Two buffers per nesting depth are enough: a pass or step reads one and writes the other. The
// expressions inside a canvas or a blend are computed at depth + 1 and have buffers of their own.
// Buffers keep their memory, so that rendering allocates nothing after the first images.
#include "pinfeed/image/expression/render.h"

#include <algorithm>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/image/expression/fuse.h"
#include "pinfeed/image/expression/render_context.h"
#include "pinfeed/image/expression/render_sources.h"
#include "pinfeed/image/expression/render_whole_image.h"

namespace pinfeed::image {
namespace {

// The result of the pass, as pixels that may be overwritten.
ImageView run_to_buffer(const Pass& pass, const RenderContext& context) {
  const auto unchanged = unchanged_part(pass);
  if (unchanged && context.buffers().owns(*unchanged)) return *unchanged;
  const ImageView result =
      context.next_buffer(pass.canvas, pass.pixels.channels, pass.result_dtype());
  run(pass, result, context.parts->workspace);
  return result;
}

void add_step(Pass& pass, const Node& node, const RenderContext& context) {
  if (try_fuse(pass, node)) return;
  const ImageView so_far = run_to_buffer(pass, context);
  pass = identity_pass(so_far);
  if (try_fuse(pass, node)) return;
  pass = identity_pass(apply_whole_image(so_far, node, context));
}

// Fills `chain` with the steps above the source, first to last, and returns the source.
const Node& collect_steps(const Node* node, std::vector<const Node*>& chain) {
  chain.clear();
  for (; node->below != nullptr; node = node->below) chain.push_back(node);
  std::reverse(chain.begin(), chain.end());
  return *node;
}

std::string_view path_of(const Node& source) {
  const auto* encoded = std::get_if<Encoded*>(&source.step);
  return encoded != nullptr ? (*encoded)->path : std::string_view();
}

// Such a result would evict the source from the caches while it is written.
bool too_large_for_caches(const ImageView& out) {
  constexpr std::ptrdiff_t limit = 1 << 20;  // bytes
  return out.row_bytes * out.height > limit;
}

}  // namespace

void render_window(std::size_t depth, const ImageExpr& image, Rect window, const ImageView& out,
                   Scratch::Parts& parts) {
  if (parts.levels.size() <= depth) parts.levels.resize(depth + 1);
  const RenderContext context{&parts, depth, window, out};
  context.buffers().buffer_index = 0;  // the same expression uses the same buffers
  context.buffers().cached = {};
  const Node& source = collect_steps(image.node(), context.buffers().chain);
  try {
    Pass pass = source_pass(source, context);
    for (const Node* node : context.buffers().chain) add_step(pass, *node, context);
    const bool is_done = pass.encoded == nullptr && pass.pixels.data == out.data;
    if (is_done) return;  // the last step wrote into `out`
    if (window != whole(image.size())) crop_result(pass, window);
    pass.bypass_cache = depth == 0 && too_large_for_caches(out);
    run(pass, out, parts.workspace);
  } catch (Error& error) {
    if (!path_of(source).empty()) error.with_context(FileContext{std::string(path_of(source))});
    throw;
  }
}

Scratch::Scratch() : parts_(std::make_unique<Parts>()) {}
Scratch::Scratch(Scratch&&) noexcept = default;
Scratch& Scratch::operator=(Scratch&&) noexcept = default;
Scratch::~Scratch() = default;

void Scratch::share(std::shared_ptr<PixelCache> cache) {
  parts_->levels.clear();
  parts_->cache = std::move(cache);
}

void Scratch::measure(bool on) { parts_->workspace.clock.measure(on); }

const RenderTimes& Scratch::times() const { return parts_->workspace.clock.times(); }

void render(const ImageExpr& image, const ImageView& out, Scratch& scratch) {
  if (out.size() != image.size() || out.channels != image.channels() ||
      out.dtype != image.dtype()) {
    throw Error(ErrorKind::bug, "an image of " + to_string(image.size()) +
                                    " is rendered into a view of " + to_string(out.size()));
  }
  RenderClock& clock = scratch.parts_->workspace.clock;
  clock.begin(RenderStage::write);
  render_window(0, image, whole(image.size()), out, *scratch.parts_);
  clock.end();
}

Image render(const ImageExpr& image) {
  thread_local Scratch scratch;
  Image rendered = make_image(image.size(), image.channels(), image.dtype());
  render(image, rendered.view(), scratch);
  return rendered;
}

}  // namespace pinfeed::image

// SPDX-License-Identifier: Apache-2.0
// The fusing rules. An expression is cut into passes (pass.h): each step joins the pass being
// collected if the result stays the same bit for bit; otherwise the pass is computed to scratch
// and its result is the source of the next.
#include "pinfeed/image/render.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/image/node.h"
#include "pinfeed/image/pass.h"
#include "pinfeed/image/rows.h"
#include "pinfeed/image/tone.h"

namespace pinfeed::image {
namespace {

Rect common(Rect a, Rect b) {
  const int x = std::max(a.x, b.x);
  const int y = std::max(a.y, b.y);
  const int width = std::min(a.x + a.width, b.x + b.width) - x;
  const int height = std::min(a.y + a.height, b.y + b.height) - y;
  if (width <= 0 || height <= 0) return {};
  return {x, y, width, height};
}

bool is_empty(Rect rect) { return rect.width == 0 || rect.height == 0; }

Rect moved(Rect rect, int x, int y) { return {rect.x + x, rect.y + y, rect.width, rect.height}; }

void show_whole(Pass& pass, Size size) {
  pass.resized = pass.canvas = size;
  pass.kept = {0, 0, size.width, size.height};
}

Pass pass_over(const ImageView& pixels) {
  Pass pass;
  pass.pixels = pixels;
  pass.window = {0, 0, pixels.width, pixels.height};
  show_whole(pass, pixels.size());
  return pass;
}

// Each try_add answers whether the step is part of the pass now.

// Resizing sees every source pixel of its window and nothing else: it comes first in a pass,
// before padding and arithmetic. A decoder goes from top to bottom, so a picture that stands on its
// head must be there as a whole.
bool try_add(Pass& pass, const Resized& step, Size size) {
  const bool untouched =
      pass.fill_count == 0 && !pass.to_float && !pass.resize && !is_empty(pass.kept);
  if (!untouched || (pass.encoded != nullptr && pass.upturned)) return false;
  pass.window = pass.kept;
  pass.window_mirrored = std::exchange(pass.mirrored, false);
  pass.window_upturned = std::exchange(pass.upturned, false);
  pass.resize = step.interpolation;
  show_whole(pass, size);
  return true;
}

bool try_add(Pass& pass, const Cropped& step, Size) {
  const Rect window = step.window;
  const Rect placed = {pass.x, pass.y, pass.kept.width, pass.kept.height};
  const Rect left = common(placed, window);
  const int cut_left =
      pass.mirrored ? placed.x + placed.width - left.x - left.width : left.x - placed.x;
  const int cut_top =
      pass.upturned ? placed.y + placed.height - left.y - left.height : left.y - placed.y;
  pass.kept = is_empty(left)
                  ? Rect{}
                  : Rect{pass.kept.x + cut_left, pass.kept.y + cut_top, left.width, left.height};
  pass.x = left.x - window.x;
  pass.y = left.y - window.y;
  for (int i = 0; i < pass.fill_count; ++i) {
    Rect& rect = pass.fills[static_cast<std::size_t>(i)].rect;
    rect = moved(common(rect, window), -window.x, -window.y);
  }
  const auto first = pass.fills.begin();
  const auto end = std::remove_if(first, first + pass.fill_count,
                                  [](const Fill& fill) { return is_empty(fill.rect); });
  pass.fill_count = static_cast<int>(end - first);
  pass.canvas = {window.width, window.height};
  return true;
}

bool try_add(Pass& pass, const Flipped& step, Size) {
  const bool sideways = step.direction != FlipDirection::vertical;
  const bool over = step.direction != FlipDirection::horizontal;
  const auto turn = [&](int& x, int& y, int width, int height) {
    if (sideways) x = pass.canvas.width - x - width;
    if (over) y = pass.canvas.height - y - height;
  };
  pass.mirrored ^= sideways;
  pass.upturned ^= over;
  turn(pass.x, pass.y, pass.kept.width, pass.kept.height);
  for (int i = 0; i < pass.fill_count; ++i) {
    Rect& rect = pass.fills[static_cast<std::size_t>(i)].rect;
    turn(rect.x, rect.y, rect.width, rect.height);
  }
  return true;
}

// What OpenCV stores for a fill value: uint8 rounds half to even and saturates.
float stored_fill(double value, DType dtype) {
  if (dtype == DType::float32) return static_cast<float>(value);
  return static_cast<float>(std::clamp(std::nearbyint(value), 0.0, 255.0));
}

bool try_add(Pass& pass, const Padded& step, Size size) {
  const Rect right = {pass.canvas.width, 0, size.width - pass.canvas.width, pass.canvas.height};
  const Rect below = {0, pass.canvas.height, size.width, size.height - pass.canvas.height};
  if (pass.fill_count + 2 > Pass::max_fills) return false;
  Fill fill;
  for (std::size_t c = 0; c < step.fill.size(); ++c) {
    fill.value[c] = stored_fill(step.fill[c], pass.result_dtype());
  }
  for (const Rect rect : {right, below}) {
    fill.rect = rect;
    if (!is_empty(rect)) pass.fills[static_cast<std::size_t>(pass.fill_count++)] = fill;
  }
  pass.canvas = size;
  return true;
}

bool try_add(Pass& pass, const Normalization& step, Size) {
  if (pass.normalization) return false;
  pass.to_float = true;
  pass.normalization = step;
  for (int i = 0; i < pass.fill_count; ++i) {
    std::array<float, 4>& value = pass.fills[static_cast<std::size_t>(i)].value;
    value = normalized_value(value, step, pass.pixels.channels);
  }
  return true;
}

bool try_add(Pass& pass, const AsFloat&, Size) {
  pass.to_float = true;
  return true;
}

bool try_add(Pass&, Encoded*, Size) { return false; }
bool try_add(Pass&, const ImageView&, Size) { return false; }

}  // namespace

/// Whole pictures between two passes, turn by turn: one is read while the other is written.
struct Scratch::Parts {
  Workspace space = {};
  std::array<std::vector<std::byte>, 2> pictures = {};
  std::size_t turn = 0;
  std::vector<const Node*> chain = {};

  ImageView next(Size size, int channels, DType dtype);
};

ImageView Scratch::Parts::next(Size size, int channels, DType dtype) {
  turn = 1 - turn;
  const std::size_t row = static_cast<std::size_t>(size.width * channels) * size_of(dtype);
  std::vector<std::byte>& bytes = pictures[turn];
  const std::size_t needed = row * static_cast<std::size_t>(size.height);
  if (bytes.size() < needed) bytes.resize(needed);
  return {bytes.data(), size.height, size.width, channels, static_cast<std::ptrdiff_t>(row), dtype};
}

namespace {

using Parts = Scratch::Parts;

// A PNG, or a picture to be turned, is decoded as a whole; a JPEG row by row, later.
Pass pass_over(Encoded& encoded, Parts& parts) {
  const Header& header = encoded.header;
  const bool turned = encoded.apply_orientation && header.orientation != 1;
  if (header.format == Format::jpeg && !turned) {
    Pass pass = pass_over(ImageView{nullptr, header.stored.height, header.stored.width});
    pass.encoded = &encoded;
    return pass;
  }
  const ImageView stored = parts.next(header.stored, 3, DType::uint8);
  const bool truncated =
      header.format == Format::png
          ? decode_png(encoded.bytes, stored, encoded.allow_truncated)
          : decode_jpeg(encoded.bytes, stored, encoded.allow_truncated, parts.space.jpeg);
  if (truncated) mark_truncated(encoded);
  if (!turned) return pass_over(stored);
  const ImageView shown = parts.next(header.oriented(), 3, DType::uint8);
  copy_oriented(stored, header.orientation, shown);
  return pass_over(shown);
}

Pass first_pass(const Node& source, Parts& parts) {
  if (const auto* encoded = std::get_if<Encoded*>(&source.step)) return pass_over(**encoded, parts);
  return pass_over(std::get<ImageView>(source.step));
}

Pass computed(const Pass& pass, Parts& parts) {
  const ImageView result = parts.next(pass.canvas, pass.pixels.channels, pass.result_dtype());
  run(pass, result, parts.space);
  return pass_over(result);
}

void add(Pass& pass, const Node& node, Parts& parts) {
  const auto try_step = [&](const auto& step) { return try_add(pass, step, node.size); };
  if (std::visit(try_step, node.step)) return;
  pass = computed(pass, parts);
  std::visit(try_step, node.step);
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

void render(const Node& source, const ImageView& out, Parts& parts) {
  parts.turn = 0;  // the same buffers for the same expression
  Pass pass = first_pass(source, parts);
  for (const Node* node : parts.chain) add(pass, *node, parts);
  run(pass, out, parts.space);
}

}  // namespace

Scratch::Scratch() : parts_(std::make_unique<Parts>()) {}
Scratch::Scratch(Scratch&&) noexcept = default;
Scratch& Scratch::operator=(Scratch&&) noexcept = default;
Scratch::~Scratch() = default;

void render(const Picture& picture, const ImageView& out, Scratch& scratch) {
  if (out.size() != picture.size() || out.channels != picture.channels() ||
      out.dtype != picture.dtype()) {
    throw Error(ErrorKind::bug, "a picture of " + to_string(picture.size()) +
                                    " is rendered into a view of " + to_string(out.size()));
  }
  Parts& parts = *scratch.parts_;
  const Node& source = collect(picture.node(), parts.chain);
  try {
    render(source, out, parts);
  } catch (Error& error) {
    if (!path_of(source).empty()) error.along("reading " + std::string(path_of(source)));
    throw;
  }
}

Image render(const Picture& picture) {
  thread_local Scratch scratch;
  Image image = make_image(picture.size(), picture.channels(), picture.dtype());
  render(picture, image.view(), scratch);
  return image;
}

}  // namespace pinfeed::image

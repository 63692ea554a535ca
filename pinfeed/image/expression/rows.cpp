// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/expression/rows.h"

#include <algorithm>
#include <atomic>

#include "pinfeed/image/color/tone.h"
#include "pinfeed/image/expression/region_needed.h"

namespace pinfeed::image {

std::size_t pixel_bytes(const Pass& pass) {
  return static_cast<std::size_t>(pass.pixels.channels) * size_of(pass.pixels.dtype);
}

void mark_truncated(Encoded& encoded) {
  std::atomic_ref(encoded.truncated).store(true, std::memory_order_relaxed);
}

void mark_damaged(Encoded& encoded) {
  std::atomic_ref(encoded.damaged).store(true, std::memory_order_relaxed);
}

namespace {

// Nothing before normalisation looks at more than one channel.
bool decodes_rgb(const Pass& pass) {
  return pass.encoded != nullptr && pass.normalization && pass.normalization->to_rgb;
}

struct Columns {
  int first = 0;
  int count = 0;
};

// Of the stored image.
Columns needed_columns(const Pass& pass) {
  const Size window = {pass.window.width, pass.window.height};
  const Rect read = before_resize(pass.kept, pass.resized, window);
  const int first = pass.window_mirrored ? window.width - read.x - read.width : read.x;
  return {pass.window.x + first, read.width};
}

}  // namespace

SourceRows::SourceRows(const Pass& pass, Workspace& space) : pass_(pass), space_(space) {
  held_.fill(-1);
  if (pass.encoded == nullptr) return;
  const RenderClock::Part part(space.clock, RenderStage::decode);
  const Encoded& encoded = *pass.encoded;
  const ChannelOrder order = decodes_rgb(pass) ? ChannelOrder::rgb : ChannelOrder::bgr;
  space.jpeg.open(encoded.bytes, encoded.header.stored, encoded.allow_truncated, order);
  const Columns columns = needed_columns(pass);
  if (columns.count > 0) space.jpeg.keep_columns(columns.first, columns.count);
  for (std::vector<std::byte>& row : space.rows) {
    row.resize(static_cast<std::size_t>(encoded.header.stored.width) * 3);
  }
}

const std::byte* SourceRows::row(int y) {
  const int stored = pass_.window.y + (pass_.window_upturned ? pass_.window.height - 1 - y : y);
  const std::byte* first = pass_.encoded != nullptr ? decoded(stored) : pass_.pixels.row(stored);
  return first + static_cast<std::size_t>(pass_.window.x) * pixel_bytes(pass_);
}

std::ptrdiff_t SourceRows::row_bytes() const {
  return (pass_.pixels.width - pass_.window.x) * static_cast<std::ptrdiff_t>(pixel_bytes(pass_));
}

const std::byte* SourceRows::decoded(int y) {
  if (y < next_) {
    const auto held = std::find(held_.begin(), held_.end(), y);
    return space_.rows[static_cast<std::size_t>(held - held_.begin())].data();
  }
  const RenderClock::Part part(space_.clock, RenderStage::decode);
  if (y > next_) space_.jpeg.skip(y - next_);
  held_[oldest_] = y;
  std::byte* row = space_.rows[oldest_].data();
  oldest_ = (oldest_ + 1) % held_.size();
  space_.jpeg.read(row);
  next_ = y + 1;
  return row;
}

void SourceRows::close() {
  if (pass_.encoded == nullptr) return;
  const RenderClock::Part part(space_.clock, RenderStage::decode);
  space_.jpeg.close();
  if (space_.jpeg.truncated()) mark_truncated(*pass_.encoded);
  if (space_.jpeg.damaged()) mark_damaged(*pass_.encoded);
}

ResultRows::ResultRows(const Pass& pass, const ImageView& out, Workspace& space)
    : pass_(pass), out_(out), line_(space.line), clock_(space.clock), rule_(space.rule) {
  line_.resize(static_cast<std::size_t>(pass.kept.width) * pixel_bytes(pass));
  if (pass.normalization && pass.normalization != space.rule_of) {
    space.rule = channel_rule(*pass.normalization);
    space.rule_of = pass.normalization;
  }
}

ResultRows::~ResultRows() {
  if (pass_.past_caches) finish_streams();
}

std::byte* ResultRows::begin(int y) { return pass_.to_float ? line_.data() : place(y); }

void ResultRows::end(int y) {
  if (!pass_.to_float) return;
  const RenderClock::Part part(clock_, RenderStage::colour);
  const auto width = static_cast<std::size_t>(pass_.kept.width);
  const auto channels = static_cast<std::size_t>(pass_.pixels.channels);
  auto* bytes = reinterpret_cast<std::uint8_t*>(line_.data());
  auto* to = reinterpret_cast<float*>(place(y));
  const Normalization* rule = pass_.normalization ? &*pass_.normalization : nullptr;
  if (pass_.pixels.dtype != DType::uint8 || (rule != nullptr && channels != 3)) {
    to_float_row(line_.data(), pass_.pixels.dtype, pass_.kept.width, pass_.pixels.channels, rule,
                 to);
  } else if (rule == nullptr) {
    bytes_to_floats(bytes, to, width * channels);
  } else {
    if (rule->to_rgb && !decodes_rgb(pass_)) swap_channels(bytes, width);
    const auto normalize = pass_.past_caches ? stream_normalized : normalize_bytes;
    normalize(bytes, rule_, to, width * channels);
  }
}

std::byte* ResultRows::place(int y) const {
  const int row = pass_.y + (pass_.upturned ? pass_.kept.height - 1 - y : y);
  const std::size_t pixel = static_cast<std::size_t>(out_.channels) * size_of(out_.dtype);
  return out_.row(row) + static_cast<std::size_t>(pass_.x) * pixel;
}

}  // namespace pinfeed::image

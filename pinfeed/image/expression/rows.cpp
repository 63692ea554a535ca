// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/expression/rows.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/core/stream_copy.h"
#include "pinfeed/image/cache/coefficient_cache.h"
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

// Several images of a batch may use one file; the first one adds its record.
void open_jpeg(Encoded& encoded, jpeg::JpegPixels& jpeg, ChannelOrder order) {
  CacheUse& use = encoded.cache;
  if (use.found != nullptr) {
    const CacheSegment& segment = *use.found->segment;
    if (!segment.has(use.found->entry)) {
      throw Error(ErrorKind::data, "the cache's record of the image was cut off while it was used")
          .help("another program has shortened '" + segment.base() +
                ".records': start again, or with --no-cache");
    }
    return jpeg.open_record(use.found->record, encoded.header.stored, order);
  }
  const bool with_record = use.cache != nullptr &&
                           std::atomic_ref(use.wanted).exchange(false, std::memory_order_relaxed);
  jpeg.open(encoded.bytes, encoded.header, encoded.allow_truncated, order, with_record);
}

void close_jpeg(Encoded& encoded, jpeg::JpegPixels& jpeg) {
  jpeg.close();
  if (jpeg.truncated()) mark_truncated(encoded);
  if (jpeg.damaged()) mark_damaged(encoded);
  const std::size_t bytes = jpeg.record().size();
  if (bytes == 0) return;
  CacheUse& use = encoded.cache;
  jpeg::RecordMemory memory = use.cache->spare_memory();
  jpeg.swap_record_memory(memory);
  use.cache->add({.path = std::string(use.path),
                  .mtime_ns = use.mtime_ns,
                  .bytes = bytes,
                  .file_hash = hash_of(encoded.bytes),
                  .header = encoded.header},
                 std::move(memory));
}

namespace {

// The steps before normalization treat channels separately, so the decoder may swap them.
bool decodes_rgb(const Pass& pass) {
  return pass.encoded != nullptr && pass.normalization && pass.normalization->to_rgb;
}

struct ColumnRange {
  int first = 0;
  int count = 0;
};

// The columns of the stored image that the pass reads.
ColumnRange needed_columns(const Pass& pass) {
  const Size window = {pass.window.width, pass.window.height};
  const Rect read = resize_source_rect(pass.crop, pass.resized, window);
  const int first = pass.window_flipped_horizontally ? window.width - read.x - read.width : read.x;
  return {pass.window.x + first, read.width};
}

}  // namespace

SourceRows::SourceRows(const Pass& pass, Workspace& workspace)
    : pass_(pass), workspace_(workspace) {
  row_numbers_.fill(-1);
  if (pass.encoded == nullptr) return;
  const RenderClock::Part part(workspace.clock, RenderStage::decode);
  open_source();
  for (std::vector<std::byte>& row : workspace.decoded_rows) {
    row.resize(static_cast<std::size_t>(pass.encoded->header.stored.width) * 3);
  }
}

void SourceRows::open_source() {
  const ChannelOrder order = decodes_rgb(pass_) ? ChannelOrder::rgb : ChannelOrder::bgr;
  const ColumnRange columns = needed_columns(pass_);
  open_jpeg(*pass_.encoded, workspace_.jpeg, order);
  if (columns.count > 0) workspace_.jpeg.crop_columns(columns.first, columns.count);
}

const std::byte* SourceRows::row(int y) {
  const int stored =
      pass_.window.y + (pass_.window_flipped_vertically ? pass_.window.height - 1 - y : y);
  const std::byte* first = pass_.encoded != nullptr ? decoded(stored) : pass_.pixels.row(stored);
  return first + static_cast<std::size_t>(pass_.window.x) * pixel_bytes(pass_);
}

std::ptrdiff_t SourceRows::row_bytes() const {
  return (pass_.pixels.width - pass_.window.x) * static_cast<std::ptrdiff_t>(pixel_bytes(pass_));
}

const std::byte* SourceRows::decoded(int y) {
  if (y < next_) {
    const auto found = std::find(row_numbers_.begin(), row_numbers_.end(), y);
    return workspace_.decoded_rows[static_cast<std::size_t>(found - row_numbers_.begin())].data();
  }
  const RenderClock::Part part(workspace_.clock, RenderStage::decode);
  const int skipped = y - next_;
  if (skipped > 0) workspace_.jpeg.skip(skipped);
  row_numbers_[oldest_] = y;
  std::byte* row = workspace_.decoded_rows[oldest_].data();
  oldest_ = (oldest_ + 1) % row_numbers_.size();
  workspace_.jpeg.read(row);
  next_ = y + 1;
  return row;
}

void SourceRows::close() {
  if (pass_.encoded == nullptr) return;
  const RenderClock::Part part(workspace_.clock, RenderStage::decode);
  close_jpeg(*pass_.encoded, workspace_.jpeg);
}

ResultRows::ResultRows(const Pass& pass, const ImageView& out, Workspace& workspace)
    : pass_(pass),
      out_(out),
      unconverted_(workspace.unconverted_row),
      clock_(workspace.clock),
      rule_(workspace.rule) {
  unconverted_.resize(static_cast<std::size_t>(pass.crop.width) * pixel_bytes(pass));
  if (pass.normalization && pass.normalization != workspace.rule_source) {
    workspace.rule = channel_rule(*pass.normalization);
    workspace.rule_source = pass.normalization;
  }
}

ResultRows::~ResultRows() {
  if (pass_.bypass_cache) finish_streams();
}

std::byte* ResultRows::begin(int y) { return pass_.to_float ? unconverted_.data() : row_start(y); }

void ResultRows::end(int y) {
  if (!pass_.to_float) return;
  const RenderClock::Part part(clock_, RenderStage::colour);
  const auto width = static_cast<std::size_t>(pass_.crop.width);
  const auto channels = static_cast<std::size_t>(pass_.pixels.channels);
  auto* bytes = reinterpret_cast<std::uint8_t*>(unconverted_.data());
  auto* to = reinterpret_cast<float*>(row_start(y));
  const Normalization* rule = pass_.normalization ? &*pass_.normalization : nullptr;
  if (pass_.pixels.dtype != DType::uint8 || (rule != nullptr && channels != 3)) {
    to_float_row(unconverted_.data(), pass_.pixels.dtype, pass_.crop.width, pass_.pixels.channels,
                 rule, to);
  } else if (rule == nullptr) {
    bytes_to_floats(bytes, to, width * channels);
  } else {
    if (rule->to_rgb && !decodes_rgb(pass_)) swap_channels(bytes, width);
    const auto normalize = pass_.bypass_cache ? stream_normalized : normalize_bytes;
    normalize(bytes, rule_, to, width * channels);
  }
}

std::byte* ResultRows::row_start(int y) const {
  const int row = pass_.y + (pass_.flipped_vertically ? pass_.crop.height - 1 - y : y);
  const std::size_t pixel = static_cast<std::size_t>(out_.channels) * size_of(out_.dtype);
  return out_.row(row) + static_cast<std::size_t>(pass_.x) * pixel;
}

}  // namespace pinfeed::image

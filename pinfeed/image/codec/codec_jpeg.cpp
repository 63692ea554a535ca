// SPDX-License-Identifier: Apache-2.0
// libjpeg-turbo with its defaults: slow-integer DCT, fancy upsampling (docs/specs/decisions.md, 7).
//
// Where a crop begins to decode. Rows are decoded in order, so the rows above a crop cost at least
// their entropy decoding. libjpeg can skip their inverse DCT (jpeg_skip_scanlines) and that of the
// columns outside the crop (jpeg_crop_scanline). With subsampled chroma this changes pixels at the
// border of the skipped part, because upsampling reads neighbouring chroma samples. So parts are
// skipped only in files of one scan without subsampling (`can_skip`). In other files the rows above
// are decoded and discarded.
//
// How truncation is found independently of the crop. libjpeg asks for bytes past the end of the
// file only if entropy-coded data is missing. The source manager then feeds an end marker and notes
// `ran_out`, and libjpeg warns that it invents pixels. A file that ends with an end marker is taken
// to be complete. In a file without one nothing is skipped, and close() decodes all remaining rows,
// so every crop gives the same error with the same number of rows.
#include <fmt/format.h>

#include <csetjmp>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/image/codec/codec_jpeg_memory.h"
#include "pinfeed/image/codec/codec_jpeg_source.h"
#include "pinfeed/image/codec/codec_parts.h"

namespace pinfeed::image {

// libjpeg points to the members that it uses, so a State must not move.
struct JpegRows::State {
  JpegMemory memory = {};
  jpeg_decompress_struct jpeg = {};
  jpeg_error_mgr errors = {};
  JpegSource source = {};
  std::jmp_buf failed = {};
  char reason[JMSG_LENGTH_MAX] = {};
  Bytes bytes = {};
  bool truncated = false;  // libjpeg asked for bytes after the end and invented pixels
  bool damaged = false;    // it met invalid data before the end
  bool allow_truncated = false;
  bool has_end_marker = false;
  bool one_scan = true;   // not progressive: each decoded row is complete
  bool can_skip = false;  // skipping parts changes no other pixel
  ChannelOrder order = ChannelOrder::bgr;
  JDIMENSION first_column = 0;
  int rows_decoded = 0;             // complete rows of a truncated file
  std::vector<std::byte> row = {};  // for CMYK and for skipped rows
};

namespace {

using State = JpegRows::State;

State& state_of(void* client) { return *static_cast<State*>(client); }

[[noreturn]] void fail(j_common_ptr jpeg) {
  State& state = state_of(jpeg->client_data);
  jpeg->err->format_message(jpeg, state.reason);
  std::longjmp(state.failed, 1);
}

// The other warnings are about headers.
bool means_damage(int warning) {
  return warning == JWRN_HIT_MARKER || warning == JWRN_HUFF_BAD_CODE ||
         warning == JWRN_ARITH_BAD_CODE || warning == JWRN_EXTRANEOUS_DATA ||
         warning == JWRN_MUST_RESYNC || warning == JWRN_BOGUS_PROGRESSION;
}

// libjpeg reports with a warning that it invents pixels.
void on_message(j_common_ptr jpeg, int level) {
  if (level >= 0) return;
  State& state = state_of(jpeg->client_data);
  const bool invents = state.source.ran_out && jpeg->err->msg_code == JWRN_HIT_MARKER;
  if (!state.source.ran_out && means_damage(jpeg->err->msg_code)) state.damaged = true;
  if (!invents || state.truncated) return;
  state.truncated = true;
  state.rows_decoded = state.one_scan ? static_cast<int>(state.jpeg.output_scanline) : 0;
}

void ignore_message(j_common_ptr) {}

// libjpeg reports failures by longjmp: `call` must not have locals with destructors.
template <class Call>
bool succeeds(State& state, const Call& call) {
  if (setjmp(state.failed) != 0) return false;
  call();
  return true;
}

[[noreturn]] void throw_truncated(State& state) {
  jpeg_abort_decompress(&state.jpeg);
  throw Error(
      ErrorKind::data,
      fmt::format("JPEG ends early: {} of {} rows{}, the file has {} bytes", state.rows_decoded,
                  state.jpeg.image_height,
                  state.one_scan ? "" : " are complete (it is progressive)", state.bytes.size()))
      .ends_at(state.bytes.size());
}

[[noreturn]] void throw_failed(State& state) {
  const bool no_memory = state.errors.msg_code == JERR_OUT_OF_MEMORY;
  jpeg_abort_decompress(&state.jpeg);
  if (no_memory) throw Error(ErrorKind::system, "no memory for a JPEG decoder");
  if (state.source.ran_out) {
    throw Error(ErrorKind::data, fmt::format("JPEG ends early: 0 of {} rows, the file has {} bytes",
                                             state.jpeg.image_height, state.bytes.size()))
        .ends_at(state.bytes.size());
  }
  throw Error(ErrorKind::data, fmt::format("JPEG cannot be decoded: {}", state.reason));
}

std::byte weighted(std::byte ink, std::byte black) {
  const int k = std::to_integer<int>(black);
  return static_cast<std::byte>(k - (((255 - std::to_integer<int>(ink)) * k) >> 8));
}

// OpenCV's conversion.
void from_cmyk(const std::byte* from, std::byte* to, std::size_t width, ChannelOrder order) {
  const std::size_t red = order == ChannelOrder::rgb ? 0 : 2;
  for (std::size_t x = 0; x < width; ++x, from += 4, to += 3) {
    to[red] = weighted(from[0], from[3]);
    to[1] = weighted(from[1], from[3]);
    to[2 - red] = weighted(from[2], from[3]);
  }
}

J_COLOR_SPACE color_space(const jpeg_decompress_struct& jpeg, ChannelOrder order) {
  if (jpeg.num_components == 4) return JCS_CMYK;
  return order == ChannelOrder::rgb ? JCS_EXT_RGB : JCS_EXT_BGR;
}

void read_row(State& state, std::byte* row) {
  auto* samples = reinterpret_cast<JSAMPROW>(row);
  if (!succeeds(state, [&] { jpeg_read_scanlines(&state.jpeg, &samples, 1); })) throw_failed(state);
  if (!state.truncated || state.allow_truncated) return;
  throw_truncated(state);
}

}  // namespace

// A few bytes of padding may follow the marker.
bool ends_with_marker(Bytes bytes) {
  constexpr std::size_t max_padding = 64;
  const std::size_t first = bytes.size() > max_padding ? bytes.size() - max_padding : 0;
  for (std::size_t i = bytes.size(); i-- > first + 1;) {
    if (bytes[i] == std::byte{JPEG_EOI} && bytes[i - 1] == std::byte{0xFF}) return true;
  }
  return false;
}

JpegRows::JpegRows() : state_(std::make_unique<State>()) {
  State& state = *state_;
  state.jpeg.err = jpeg_std_error(&state.errors);
  state.errors.error_exit = fail;
  state.errors.emit_message = on_message;
  state.errors.output_message = ignore_message;
  state.jpeg.client_data = &state;
  if (!succeeds(state, [&] { jpeg_create_decompress(&state.jpeg); })) throw_failed(state);
  state.memory.install(reinterpret_cast<j_common_ptr>(&state.jpeg));
}

JpegRows::JpegRows(JpegRows&&) noexcept = default;

JpegRows::~JpegRows() {
  if (!state_) return;
  state_->memory.uninstall(reinterpret_cast<j_common_ptr>(&state_->jpeg));
  jpeg_destroy_decompress(&state_->jpeg);
}

void JpegRows::open(Bytes bytes, Size stored, bool allow_truncated, ChannelOrder order) {
  State& state = *state_;
  jpeg_decompress_struct& jpeg = state.jpeg;
  jpeg_abort_decompress(&jpeg);  // in case an exception left a file open
  state.bytes = bytes;
  state.truncated = state.damaged = false;
  state.allow_truncated = allow_truncated;
  state.order = order;
  state.has_end_marker = ends_with_marker(bytes);
  state.source.begin(jpeg, bytes);
  if (!succeeds(state, [&] { jpeg_read_header(&jpeg, TRUE); })) throw_failed(state);
  const Size found = {static_cast<int>(jpeg.image_width), static_cast<int>(jpeg.image_height)};
  if (found != stored) {
    jpeg_abort_decompress(&jpeg);
    throw Error(ErrorKind::data, fmt::format("the image is {}, it was {} when it was planned",
                                             to_string(found), to_string(stored)));
  }
  state.one_scan = jpeg_has_multiple_scans(&jpeg) == FALSE;
  jpeg.out_color_space = color_space(jpeg, order);
  state.row.resize(static_cast<std::size_t>(found.width) * 4);
  if (!succeeds(state, [&] { jpeg_start_decompress(&jpeg); })) throw_failed(state);
  state.first_column = 0;
  state.can_skip = state.has_end_marker && state.one_scan && jpeg.num_components != 4 &&
                   jpeg.max_h_samp_factor == 1 && jpeg.max_v_samp_factor == 1;
  if (state.truncated && !allow_truncated) throw_truncated(state);
}

void JpegRows::crop_columns(int first, int count) {
  State& state = *state_;
  if (!state.can_skip) return;
  auto start = static_cast<JDIMENSION>(first);
  auto width = static_cast<JDIMENSION>(count);
  if (!succeeds(state, [&] { jpeg_crop_scanline(&state.jpeg, &start, &width); })) {
    throw_failed(state);
  }
  state.first_column = start;
}

void JpegRows::read(std::byte* row) {
  State& state = *state_;
  if (state.jpeg.out_color_space != JCS_CMYK)
    return read_row(state, row + std::size_t{state.first_column} * 3);
  read_row(state, state.row.data());
  from_cmyk(state.row.data(), row, state.jpeg.image_width, state.order);
}

void JpegRows::skip(int rows) {
  State& state = *state_;
  if (state.can_skip) {
    const auto count = static_cast<JDIMENSION>(rows);
    if (!succeeds(state, [&] { jpeg_skip_scanlines(&state.jpeg, count); })) throw_failed(state);
    return;
  }
  for (int i = 0; i < rows; ++i) read_row(state, state.row.data());
}

void JpegRows::close() {
  State& state = *state_;
  const int remaining = static_cast<int>(state.jpeg.output_height - state.jpeg.output_scanline);
  if (!state.has_end_marker && !state.allow_truncated) skip(remaining);
  // Finishing reports surplus data after the last row. The rows themselves are fine.
  if (remaining == 0) succeeds(state, [&] { jpeg_finish_decompress(&state.jpeg); });
  jpeg_abort_decompress(&state.jpeg);
}

bool JpegRows::truncated() const { return state_->truncated; }

bool JpegRows::damaged() const { return state_->damaged; }

bool decode_jpeg(Bytes bytes, const ImageView& out, bool allow_truncated, JpegRows& rows) {
  rows.open(bytes, out.size(), allow_truncated, ChannelOrder::bgr);
  for (int y = 0; y < out.height; ++y) rows.read(out.row(y));
  rows.close();
  return rows.truncated();
}

}  // namespace pinfeed::image

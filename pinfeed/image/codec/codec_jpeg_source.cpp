// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/codec/codec_jpeg_source.h"

#include <algorithm>
#include <iterator>

namespace pinfeed::image {
namespace {

void do_nothing(j_decompress_ptr) {}

boolean feed_end_marker(j_decompress_ptr jpeg) {
  static constexpr JOCTET end_marker[] = {0xFF, JPEG_EOI};
  static_cast<JpegSource*>(jpeg->src)->ran_out = true;
  jpeg->src->next_input_byte = end_marker;
  jpeg->src->bytes_in_buffer = sizeof end_marker;
  return TRUE;
}

void skip_bytes(j_decompress_ptr jpeg, long count) {
  if (count <= 0) return;
  const auto wanted = static_cast<std::size_t>(count);
  if (wanted > jpeg->src->bytes_in_buffer) {
    feed_end_marker(jpeg);
    return;
  }
  jpeg->src->next_input_byte += wanted;
  jpeg->src->bytes_in_buffer -= wanted;
}

}  // namespace

JpegSource::JpegSource() : jpeg_source_mgr() {
  init_source = do_nothing;
  fill_input_buffer = feed_end_marker;
  skip_input_data = skip_bytes;
  resync_to_restart = jpeg_resync_to_restart;
  term_source = do_nothing;
}

void JpegSource::begin(jpeg_decompress_struct& jpeg, std::span<const std::byte> bytes) {
  std::fill(std::begin(jpeg.quant_tbl_ptrs), std::end(jpeg.quant_tbl_ptrs), nullptr);
  std::fill(std::begin(jpeg.dc_huff_tbl_ptrs), std::end(jpeg.dc_huff_tbl_ptrs), nullptr);
  std::fill(std::begin(jpeg.ac_huff_tbl_ptrs), std::end(jpeg.ac_huff_tbl_ptrs), nullptr);
  ran_out = false;
  next_input_byte = reinterpret_cast<const JOCTET*>(bytes.data());
  bytes_in_buffer = bytes.size();
  jpeg.src = this;
}

}  // namespace pinfeed::image

// SPDX-License-Identifier: Apache-2.0
// The entropy decoder: a JPEG of which a record can be made has the pixels of that record.
#include <algorithm>
#include <cstdlib>

#include "pinfeed/core/error.h"
#include "pinfeed/image/codec/jpeg/coefficient_rows.h"
#include "pinfeed/image/codec/jpeg/read_coefficients.h"

namespace pinfeed::fuzz {
namespace {

void compare(std::span<const std::byte> file) {
  constexpr std::int64_t max_pixels = 1 << 18;
  const image::Header header = image::read_header(file, "fuzz.jpg", max_pixels);
  if (header.format != image::Format::jpeg) return;
  static image::jpeg::CoefficientReader reader;
  static image::jpeg::CoefficientRows rows;
  static image::JpegRows jpeg;
  const auto record = reader.read(file, header);
  if (record.empty()) return;
  const image::Image found = image::make_image(header.stored);
  const image::Image expected = image::make_image(header.stored);
  image::jpeg::decode_record(record, found.view(), rows);
  if (image::decode_jpeg(file, expected.view(), true, jpeg) || jpeg.damaged()) std::abort();
  const auto* first = found.pixels.data();
  if (!std::equal(first, first + found.pixels.bytes(), expected.pixels.data())) std::abort();
}

}  // namespace
}  // namespace pinfeed::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    pinfeed::fuzz::compare(std::as_bytes(std::span(data, size)));
  } catch (const pinfeed::Error&) {
  }
  return 0;
}

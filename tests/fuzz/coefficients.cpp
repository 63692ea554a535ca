// SPDX-License-Identifier: Apache-2.0
// The entropy decoder: a JPEG of which a record can be made has the pixels of that record, and any
// JPEG is decoded as libjpeg decodes it, errors included.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "pinfeed/core/error.h"
#include "pinfeed/image/codec/jpeg/jpeg_pixels.h"

namespace pinfeed::fuzz {
namespace {

// The error; empty if there is none.
template <class Function>
std::string error_of(const Function& function) {
  try {
    function();
  } catch (const Error& error) {
    return error.text();
  }
  return "";
}

bool are_equal(const image::Image& one, const image::Image& other) {
  const auto* first = one.pixels.data();
  return std::equal(first, first + one.pixels.bytes(), other.pixels.data());
}

// What the loaders use against libjpeg alone.
void compare_decoders(std::span<const std::byte> file, const image::Header& header, bool flag) {
  static image::jpeg::JpegPixels pixels;
  static image::JpegRows jpeg;
  const image::Image found = image::make_image(header.stored);
  const image::Image expected = image::make_image(header.stored);
  const std::string error =
      error_of([&] { image::decode_jpeg(file, expected.view(), flag, jpeg); });
  const std::string found_error = error_of([&] {
    pixels.open(file, header, flag, image::ChannelOrder::bgr, flag);
    for (int y = 0; y < header.stored.height; ++y) pixels.read(found.view().row(y));
    pixels.close();
  });
  if (error != found_error) std::abort();
  if (!error.empty()) return;
  if (pixels.truncated() != jpeg.truncated() || pixels.damaged() != jpeg.damaged()) std::abort();
  if (!are_equal(found, expected)) std::abort();
}

void compare(std::span<const std::byte> file) {
  constexpr std::int64_t max_pixels = 1 << 18;
  const image::Header header = image::read_header(file, "fuzz.jpg", max_pixels);
  if (header.format != image::Format::jpeg) return;
  compare_decoders(file, header, file.size() % 2 == 0);
  static image::jpeg::CoefficientReader reader;
  static image::jpeg::CoefficientRows rows;
  static image::JpegRows jpeg;
  const auto record = reader.read(file, header);
  if (record.empty()) return;
  const image::Image found = image::make_image(header.stored);
  const image::Image expected = image::make_image(header.stored);
  rows.open(record, header.stored, image::ChannelOrder::bgr);
  for (int y = 0; y < header.stored.height; ++y) rows.read(found.view().row(y));
  if (image::decode_jpeg(file, expected.view(), true, jpeg) || jpeg.damaged()) std::abort();
  if (!are_equal(found, expected)) std::abort();
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

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <spng.h>

#include <csetjmp>
#include <cstdio>  // jpeglib.h needs it
#include <cstdlib>
#include <memory>
#include <span>

#include <jpeglib.h>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/image/codec/codec.h"
#include "pinfeed/image/codec/encode.h"

namespace pinfeed::image {
namespace {

struct FreeBytes {
  void operator()(unsigned char* bytes) const { std::free(bytes); }
};
// The output of libjpeg and libspng, allocated with malloc().
struct Encoding {
  std::unique_ptr<unsigned char, FreeBytes> bytes = nullptr;
  std::size_t size = 0;
};

struct JpegWriter {
  jpeg_compress_struct jpeg = {};
  jpeg_error_mgr errors = {};
  std::jmp_buf failed = {};
  char reason[JMSG_LENGTH_MAX] = {};
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
};

[[noreturn]] void fail_writing(j_common_ptr jpeg) {
  auto& writer = *static_cast<JpegWriter*>(jpeg->client_data);
  jpeg->err->format_message(jpeg, writer.reason);
  std::longjmp(writer.failed, 1);
}

// Only trivial locals: libjpeg leaves by longjmp.
bool compress(JpegWriter& writer, const ImageView& image, int quality) {
  if (setjmp(writer.failed) != 0) return false;
  jpeg_compress_struct& jpeg = writer.jpeg;
  jpeg_create_compress(&jpeg);
  jpeg_mem_dest(&jpeg, &writer.bytes, &writer.size);
  jpeg.image_width = static_cast<JDIMENSION>(image.width);
  jpeg.image_height = static_cast<JDIMENSION>(image.height);
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_EXT_BGR;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, quality, TRUE);
  jpeg_start_compress(&jpeg, TRUE);
  for (int y = 0; y < image.height; ++y) {
    auto* row = reinterpret_cast<JSAMPROW>(image.row(y));
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  return true;
}

Encoding as_jpeg(const ImageView& image, int quality) {
  const auto writer = std::make_unique<JpegWriter>();
  writer->jpeg.err = jpeg_std_error(&writer->errors);
  writer->errors.error_exit = fail_writing;
  writer->jpeg.client_data = writer.get();
  const bool done = compress(*writer, image, quality);
  jpeg_destroy_compress(&writer->jpeg);
  Encoding encoding{std::unique_ptr<unsigned char, FreeBytes>(writer->bytes), writer->size};
  if (!done)
    throw Error(ErrorKind::system, fmt::format("JPEG cannot be written: {}", writer->reason));
  return encoding;
}

std::vector<std::byte> rgb_of(const ImageView& image) {
  std::vector<std::byte> rgb;
  rgb.reserve(static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) * 3);
  for (int y = 0; y < image.height; ++y) {
    const std::byte* pixel = image.row(y);
    for (int x = 0; x < image.width; ++x, pixel += 3)
      rgb.insert(rgb.end(), {pixel[2], pixel[1], pixel[0]});
  }
  return rgb;
}

struct FreeContext {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};

Encoding as_png(const ImageView& image) {
  const std::unique_ptr<spng_ctx, FreeContext> context(spng_ctx_new(SPNG_CTX_ENCODER));
  if (!context) throw Error(ErrorKind::system, "no memory for a PNG encoder");
  spng_ihdr ihdr = {};
  ihdr.width = static_cast<std::uint32_t>(image.width);
  ihdr.height = static_cast<std::uint32_t>(image.height);
  ihdr.bit_depth = 8;
  ihdr.color_type = SPNG_COLOR_TYPE_TRUECOLOR;
  const std::vector<std::byte> rgb = rgb_of(image);
  spng_set_option(context.get(), SPNG_ENCODE_TO_BUFFER, 1);
  int code = spng_set_ihdr(context.get(), &ihdr);
  if (code == 0)
    code = spng_encode_image(context.get(), rgb.data(), rgb.size(), SPNG_FMT_PNG,
                             SPNG_ENCODE_FINALIZE);
  Encoding encoding;
  if (code == 0)
    encoding.bytes.reset(
        static_cast<unsigned char*>(spng_get_png_buffer(context.get(), &encoding.size, &code)));
  if (code != 0)
    throw Error(ErrorKind::system, fmt::format("PNG cannot be written: {}", spng_strerror(code)));
  return encoding;
}

// Not synchronized to disk: whoever writes a thousand pictures can write them again.
void write_file(const Encoding& encoding, const std::string& path) {
  const std::span<const unsigned char> bytes(encoding.bytes.get(), encoding.size);
  write_atomically(path, [&](FileWriter& out) { out.write(std::as_bytes(bytes)); },
                   {.durable = false});
}

void check_kind(const Image& image) {
  if (image.pixels.dtype == DType::uint8 && image.channels() == 3) return;
  throw Error(ErrorKind::bug, "only images of 3 uint8 channels can be written");
}

}  // namespace

std::string encode_jpeg(const Image& image, int quality) {
  check_kind(image);
  const Encoding encoding = as_jpeg(image.view(), quality);
  return {reinterpret_cast<const char*>(encoding.bytes.get()), encoding.size};
}

void write_jpeg(const Image& image, const std::string& path, int quality) {
  check_kind(image);
  write_file(as_jpeg(image.view(), quality), path);
}

void write_png(const Image& image, const std::string& path) {
  check_kind(image);
  write_file(as_png(image.view()), path);
}

}  // namespace pinfeed::image

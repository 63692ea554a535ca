// SPDX-License-Identifier: Apache-2.0
// JPEGs of every kind, made with libjpeg-turbo.
#pragma once

#include <cstdio>  // jpeglib.h needs it

#include <jpeglib.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <utility>

#include "tests/image/bad_images.h"

namespace pinfeed::image {

/// A number from `low` to `high`.
inline int any(Mt19937& random, int low, int high) {
  return low + static_cast<int>(random.next() % static_cast<unsigned>(high - low + 1));
}

struct JpegKind {
  Size size = {};
  int quality = 90;
  int components = 3;
  bool stored_as_rgb = false;
  std::array<std::pair<int, int>, 3> factors = {{{1, 1}, {1, 1}, {1, 1}}};  // horizontal, vertical
  int restart = 0;                                                          // minimum coded units
  bool optimized = false;
  bool progressive = false;
};

/// Any kind that libjpeg can decode to RGB.
inline JpegKind any_kind(Mt19937& random, int max_side) {
  JpegKind kind{.size = {any(random, 1, max_side), any(random, 1, max_side)},
                .quality = any(random, 1, 100)};
  if (any(random, 0, 7) == 0) kind.components = 1;
  kind.stored_as_rgb = kind.components == 3 && any(random, 0, 9) == 0;
  kind.restart = any(random, 0, 3) == 0 ? any(random, 1, 20) : 0;
  kind.optimized = any(random, 0, 1) == 1;
  kind.progressive = any(random, 0, 4) == 0;
  const std::array<std::pair<int, int>, 5> common = {{{1, 1}, {2, 1}, {2, 2}, {1, 2}, {4, 1}}};
  if (any(random, 0, 2) > 0) {
    kind.factors[0] = common[random.next() % common.size()];
    return kind;
  }
  const std::array<int, 3> divisors = {1, 2, 4};
  for (int blocks = 11; blocks > 10;) {
    blocks = 0;
    for (auto& [h, v] : kind.factors) {
      h = divisors[random.next() % 3];
      v = divisors[random.next() % 3];
      blocks += h * v;
    }
  }
  return kind;
}

/// A slope with noise, from smooth to nothing but noise.
inline std::vector<std::uint8_t> any_pixels(Size size, Mt19937& random) {
  std::vector<std::uint8_t> pixels;
  const int noise = any(random, 0, 4) * 60 + 1;
  const int slope = any(random, 0, 9);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < 3 * size.width; ++x) {
      const int value = (x * slope + y * 3) / 4 % 256 + any(random, 0, noise) - noise / 2;
      pixels.push_back(static_cast<std::uint8_t>(std::clamp(value, 0, 255)));
    }
  }
  return pixels;
}

/// Errors end the program; warnings are not printed.
inline jpeg_error_mgr* quiet_errors(jpeg_error_mgr& errors) {
  jpeg_std_error(&errors);
  errors.emit_message = [](j_common_ptr, int) {};
  return &errors;
}

/// Runs libjpeg's compressor, whose output is the result.
inline Text compressed(const std::function<void(jpeg_compress_struct&)>& compress) {
  jpeg_compress_struct jpeg = {};
  jpeg_error_mgr errors = {};
  jpeg.err = quiet_errors(errors);
  jpeg_create_compress(&jpeg);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &bytes, &size);
  compress(jpeg);
  jpeg_finish_compress(&jpeg);
  const auto* first = reinterpret_cast<const std::byte*>(bytes);
  Text text(first, first + size);
  jpeg_destroy_compress(&jpeg);
  std::free(bytes);
  return text;
}

inline Text made_jpeg(const JpegKind& kind, Mt19937& random) {
  std::vector<std::uint8_t> pixels = any_pixels(kind.size, random);
  return compressed([&](jpeg_compress_struct& jpeg) {
    jpeg.image_width = static_cast<JDIMENSION>(kind.size.width);
    jpeg.image_height = static_cast<JDIMENSION>(kind.size.height);
    jpeg.input_components = kind.components;
    jpeg.in_color_space = kind.components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&jpeg);
    if (kind.stored_as_rgb) jpeg_set_colorspace(&jpeg, JCS_RGB);
    jpeg_set_quality(&jpeg, kind.quality, FALSE);
    for (int i = 0; i < kind.components; ++i) {
      const auto [h, v] = kind.factors[static_cast<std::size_t>(i)];
      jpeg.comp_info[i].h_samp_factor = h;
      jpeg.comp_info[i].v_samp_factor = v;
    }
    jpeg.restart_interval = static_cast<unsigned>(kind.restart);
    jpeg.optimize_coding = kind.optimized ? TRUE : FALSE;
    if (kind.progressive) jpeg_simple_progression(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    for (int y = 0; y < kind.size.height; ++y) {
      JSAMPROW row = pixels.data() +
                     static_cast<std::size_t>(y) * 3 * static_cast<std::size_t>(kind.size.width);
      jpeg_write_scanlines(&jpeg, &row, 1);
    }
  });
}

/// The file with other coefficients and quantisers, which `change` sets: it gets each block, with
/// `quantisers` called once per table.
inline Text with_coefficients(const Text& file, const std::function<void(std::int16_t*)>& block,
                              const std::function<void(std::uint16_t*)>& quantiser) {
  jpeg_decompress_struct from = {};
  jpeg_error_mgr errors = {};
  from.err = quiet_errors(errors);
  jpeg_create_decompress(&from);
  jpeg_mem_src(&from, reinterpret_cast<const unsigned char*>(file.data()), file.size());
  jpeg_read_header(&from, TRUE);
  jvirt_barray_ptr* arrays = jpeg_read_coefficients(&from);
  for (int c = 0; c < from.num_components; ++c) {
    const jpeg_component_info& component = from.comp_info[c];
    for (JDIMENSION y = 0; y < component.height_in_blocks; ++y) {
      JBLOCKROW row = from.mem->access_virt_barray(reinterpret_cast<j_common_ptr>(&from), arrays[c],
                                                   y, 1, TRUE)[0];
      for (JDIMENSION x = 0; x < component.width_in_blocks; ++x) block(row[x]);
    }
  }
  Text text = compressed([&](jpeg_compress_struct& jpeg) {
    jpeg_copy_critical_parameters(&from, &jpeg);
    jpeg.optimize_coding = TRUE;
    for (JQUANT_TBL* table : jpeg.quant_tbl_ptrs) {
      if (table != nullptr) quantiser(table->quantval);
    }
    jpeg_write_coefficients(&jpeg, arrays);
  });
  jpeg_destroy_decompress(&from);
  return text;
}

}  // namespace pinfeed::image

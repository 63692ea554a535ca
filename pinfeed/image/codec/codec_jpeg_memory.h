// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>  // the next two need it

#include <jpeglib.h>

#include <jerror.h>

#include "pinfeed/core/arena.h"

namespace pinfeed::image {

/// libjpeg's memory, kept from image to image: libjpeg's own manager asks the system for
/// it again each time. Serves one decoder, which it must outlive.
class JpegMemory {
 public:
  JpegMemory();
  JpegMemory(const JpegMemory&) = delete;
  JpegMemory& operator=(const JpegMemory&) = delete;

  /// After jpeg_create_decompress().
  void take_over(j_common_ptr jpeg);
  /// Before jpeg_destroy_decompress().
  void give_back(j_common_ptr jpeg);

  /// 64-byte aligned, until the image's end; empty where the system has no more. The only memory
  /// that libjpeg wants for longer is its tables', which are forgotten with each image.
  void* allocate(std::size_t bytes) noexcept;
  void reset(int pool);

 private:
  // What libjpeg sees, and the way back from it.
  struct Methods {
    jpeg_memory_mgr functions = {};
    JpegMemory* owner = nullptr;
  };
  static JpegMemory& of(j_common_ptr jpeg);
  static void* allocate_or_fail(j_common_ptr jpeg, int pool, std::size_t bytes);
  template <class Row>
  static Row* make_rows(j_common_ptr jpeg, std::size_t row_bytes, std::size_t rows);
  template <class Row>
  static void* make_whole(j_common_ptr jpeg, bool zero, std::size_t row_bytes, std::size_t rows);

  Methods methods_ = {};
  jpeg_memory_mgr* before_ = nullptr;
  Arena image_;
};

}  // namespace pinfeed::image

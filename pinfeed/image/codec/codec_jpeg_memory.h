// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>  // the next two need it

#include <jpeglib.h>

#include <jerror.h>

#include "pinfeed/core/arena.h"

namespace pinfeed::image {

/// A memory manager for libjpeg that keeps its memory between images, which libjpeg's own manager
/// returns to the system. For one decoder, which it must outlive.
class JpegMemory {
 public:
  JpegMemory();
  JpegMemory(const JpegMemory&) = delete;
  JpegMemory& operator=(const JpegMemory&) = delete;

  /// Call after jpeg_create_decompress().
  void install(j_common_ptr jpeg);
  /// Call before jpeg_destroy_decompress().
  void uninstall(j_common_ptr jpeg);

  /// Memory that is aligned to a cache line and valid until the end of the image; null if the
  /// system has no more. Only libjpeg's tables live longer by its rules;
  /// JpegSource::begin() drops them with each image.
  void* allocate(std::size_t bytes) noexcept;
  void reset(int pool);

 private:
  // libjpeg has a pointer to `functions`, from which of() finds `owner`.
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

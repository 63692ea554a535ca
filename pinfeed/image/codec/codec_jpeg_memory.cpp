// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/codec/codec_jpeg_memory.h"

#include <cstring>
#include <limits>
#include <new>

#include "pinfeed/core/cache_line.h"
#include "pinfeed/core/round_up.h"

namespace pinfeed::image {
namespace {

constexpr std::size_t alignment = cache_line_bytes;

// libjpeg's vector code may access whole vectors at the ends of rows.
std::size_t padded_row(std::size_t bytes) { return rounded_up(bytes, 2 * alignment); }

}  // namespace

JpegMemory& JpegMemory::of(j_common_ptr jpeg) {
  return *reinterpret_cast<Methods*>(jpeg->mem)->owner;
}

void* JpegMemory::allocate(std::size_t bytes) noexcept {
  try {
    return image_.allocate(bytes, alignment);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void JpegMemory::reset(int pool) {
  if (pool == JPOOL_IMAGE) image_.reset();
}

void* JpegMemory::allocate_or_fail(j_common_ptr jpeg, int, std::size_t bytes) {
  void* memory = of(jpeg).allocate(bytes);
  if (memory == nullptr) {
    jpeg->err->msg_code = JERR_OUT_OF_MEMORY;
    jpeg->err->msg_parm.i[0] = 0;
    jpeg->err->error_exit(jpeg);  // does not return
  }
  return memory;
}

template <class Row>
Row* JpegMemory::make_rows(j_common_ptr jpeg, std::size_t row_bytes, std::size_t rows) {
  const std::size_t step = padded_row(row_bytes);
  auto* table = static_cast<Row*>(allocate_or_fail(jpeg, JPOOL_IMAGE, rows * sizeof(Row)));
  auto* bytes = static_cast<std::byte*>(allocate_or_fail(jpeg, JPOOL_IMAGE, rows * step));
  for (std::size_t i = 0; i < rows; ++i) table[i] = reinterpret_cast<Row>(bytes + i * step);
  return table;
}

// A "virtual array" of a whole image or its coefficients, which libjpeg's own manager may move to
// disk. Here all rows are in memory, and the pointer that libjpeg holds is their table.
template <class Row>
void* JpegMemory::make_whole(j_common_ptr jpeg, bool zero, std::size_t row_bytes,
                             std::size_t rows) {
  Row* table = make_rows<Row>(jpeg, row_bytes, rows);
  if (zero) {
    for (std::size_t i = 0; i < rows; ++i)
      std::memset(reinterpret_cast<void*>(table[i]), 0, row_bytes);
  }
  return table;
}

JpegMemory::JpegMemory() {
  methods_.owner = this;
  jpeg_memory_mgr& f = methods_.functions;
  f.alloc_small = allocate_or_fail;
  f.alloc_large = allocate_or_fail;
  f.alloc_sarray = [](j_common_ptr jpeg, int, JDIMENSION samples, JDIMENSION rows) {
    return make_rows<JSAMPROW>(jpeg, samples * sizeof(JSAMPLE), rows);
  };
  f.alloc_barray = [](j_common_ptr jpeg, int, JDIMENSION blocks, JDIMENSION rows) {
    return make_rows<JBLOCKROW>(jpeg, blocks * sizeof(JBLOCK), rows);
  };
  f.request_virt_sarray = [](j_common_ptr jpeg, int, boolean zero, JDIMENSION samples,
                             JDIMENSION rows, JDIMENSION) {
    return static_cast<jvirt_sarray_ptr>(
        make_whole<JSAMPROW>(jpeg, zero != FALSE, samples * sizeof(JSAMPLE), rows));
  };
  f.request_virt_barray = [](j_common_ptr jpeg, int, boolean zero, JDIMENSION blocks,
                             JDIMENSION rows, JDIMENSION) {
    return static_cast<jvirt_barray_ptr>(
        make_whole<JBLOCKROW>(jpeg, zero != FALSE, blocks * sizeof(JBLOCK), rows));
  };
  f.realize_virt_arrays = [](j_common_ptr) {};
  f.access_virt_sarray = [](j_common_ptr, jvirt_sarray_ptr array, JDIMENSION row, JDIMENSION,
                            boolean) { return reinterpret_cast<JSAMPARRAY>(array) + row; };
  f.access_virt_barray = [](j_common_ptr, jvirt_barray_ptr array, JDIMENSION row, JDIMENSION,
                            boolean) { return reinterpret_cast<JBLOCKARRAY>(array) + row; };
  f.free_pool = [](j_common_ptr jpeg, int pool) { of(jpeg).reset(pool); };
  f.self_destruct = [](j_common_ptr) {};
  f.max_alloc_chunk = std::numeric_limits<int>::max();
}

void JpegMemory::install(j_common_ptr jpeg) {
  before_ = jpeg->mem;
  jpeg->mem = &methods_.functions;
}

void JpegMemory::uninstall(j_common_ptr jpeg) { jpeg->mem = before_; }

}  // namespace pinfeed::image

// SPDX-License-Identifier: Apache-2.0
// Appends the parts of a block, without branches. For block_writer.cpp, once per instruction set.
#if defined(PINFEED_HWY_JPEG_BIT_WRITER_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PINFEED_HWY_JPEG_BIT_WRITER_INL_H
#undef PINFEED_HWY_JPEG_BIT_WRITER_INL_H
#else
#define PINFEED_HWY_JPEG_BIT_WRITER_INL_H
#endif

#include <hwy/highway.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "pinfeed/image/codec/jpeg/block_writer_plain.h"

HWY_BEFORE_NAMESPACE();
namespace pinfeed::image::jpeg::HWY_NAMESPACE {
namespace {

#if HWY_TARGET != HWY_SCALAR

// Bits that are appended to bytes.
class BitWriter {
 public:
  explicit BitWriter(std::uint8_t* to) : to_(to) {}

  // At most 56 bits, or 63 the first time; those above `count` are 0. Writes 8 bytes, the later
  // ones of which are not final.
  HWY_INLINE void add(std::uint64_t value, std::size_t count) {
    pending_ |= value << bits_;
    bits_ += count;
    std::memcpy(to_, &pending_, sizeof pending_);
    to_ += bits_ / 8;
    pending_ >>= bits_ & ~std::size_t{7};
    bits_ %= 8;
  }
  std::uint8_t* end() const { return to_ + (bits_ > 0 ? 1 : 0); }

 private:
  std::uint8_t* to_;
  std::uint64_t pending_ = 0;
  std::size_t bits_ = 0;
};

// The lowest 3 bits of each byte.
HWY_INLINE std::uint32_t packed_codes(std::uint64_t codes) {
#if HWY_ARCH_X86_64 && HWY_TARGET <= HWY_AVX2
  return static_cast<std::uint32_t>(_pext_u64(codes, 0x0707070707070707U));
#else
  codes = (codes & 0x0007000700070007U) | (codes >> 5U & 0x0038003800380038U);
  codes = (codes & 0x0000003F0000003FU) | (codes >> 10U & 0x00000FC000000FC0U);
  return static_cast<std::uint32_t>((codes & 0xFFFU) | (codes >> 20U & 0xFFF000U));
#endif
}

// The number of tiles up to the last one with a value. Bit 0 of the bitmaps is never set.
HWY_INLINE std::size_t tiles_up_to_last(std::uint64_t bitmaps) {
  const auto above = static_cast<std::size_t>(std::countl_zero(bitmaps | 1U));
  return (71 - above) / 8 - (bitmaps == 0 ? 1 : 0);
}

// Writes what is before the values of a block: `widths` and `bitmaps` have a byte for each tile,
// places in value_widths and bits. Returns where the values begin.
HWY_INLINE std::uint8_t* write_before_values(std::uint64_t widths, std::uint64_t bitmaps,
                                             std::size_t count, std::int16_t difference,
                                             std::uint8_t* to) {
  // The code of the first tile is its place less 1, as it has no width of 1.
  const auto header = static_cast<std::uint32_t>(count) | packed_codes(widths - 1) << 4U;
  one_by_one::store(header, to);
  to = one_by_one::write_difference(difference, to + header_bytes(count));
  std::memcpy(to, &bitmaps, tile_count);
  return to + count;
}

#endif

}  // namespace
}  // namespace pinfeed::image::jpeg::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // PINFEED_HWY_JPEG_BIT_WRITER_INL_H

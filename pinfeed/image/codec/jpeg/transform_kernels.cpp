// SPDX-License-Identifier: Apache-2.0
// Transforms as many blocks at once as a vector has groups of 16 bytes.
#include "pinfeed/image/codec/jpeg/block_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pinfeed/image/codec/jpeg/transform_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "pinfeed/image/codec/jpeg/transform-inl.h"

HWY_BEFORE_NAMESPACE();
namespace pinfeed::image::jpeg::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

void TransformBlocks(const std::int16_t* blocks, std::size_t count, const Quantiser& quantiser,
                     std::uint8_t* to, std::ptrdiff_t row_bytes) {
  for (; count > 0; --count, blocks += block_values, to += 8)
    one_by_one::transform_block(blocks, quantiser, to, row_bytes);
}

#else

// The same 8 values of each block of a group.
template <class D>
HWY_INLINE hn::Vec<D> of_each_block(D d, const std::int16_t* from) {
  constexpr std::size_t blocks = hn::MaxLanes(D()) / 8;
  if constexpr (blocks == 1) {
    return hn::LoadU(d, from);
  } else {
    const hn::Half<D> half;
    return hn::Combine(d, of_each_block(half, from + blocks / 2 * block_values),
                       of_each_block(half, from));
  }
}

HWY_INLINE bool is_zero(V values) {
  return hn::AllTrue(Words(), hn::Eq(values, hn::Zero(Words())));
}

template <std::size_t first, std::size_t end>
HWY_INLINE void dequantise_rows(const Quantiser& quantiser, V (&rows)[8]) {
  const auto* factors = reinterpret_cast<const std::int16_t*>(quantiser.data());
  for (std::size_t y = first; y < end; ++y)
    rows[y] = hn::Mul(rows[y], hn::LoadDup128(Words(), factors + 8 * y));
}

// Transforms a group of blocks. The first values of `without_dc` are zero bits, the others ones;
// those of `right` are ones for columns 4 to 7.
HWY_INLINE void transform_group(const std::int16_t* blocks, V without_dc, V right,
                                const Quantiser& quantiser, std::uint8_t* to,
                                std::ptrdiff_t row_bytes) {
  V rows[8];
  for (std::size_t y = 0; y < 8; ++y) rows[y] = of_each_block(Words(), blocks + 8 * y);
  const V below = hn::Or(hn::Or(rows[4], rows[5]), hn::Or(rows[6], rows[7]));
  const V above = hn::Or(hn::Or(rows[1], rows[2]), rows[3]);
  const bool low_rows = is_zero(below);
  if (low_rows && is_zero(hn::Or(hn::And(rows[0], without_dc), above)))
    return fill_blocks(blocks, block_values, quantiser, to, row_bytes);
  const bool low_columns = low_rows && is_zero(hn::And(hn::Or(rows[0], above), right));
  dequantise_rows<0, 4>(quantiser, rows);
  if (HWY_UNLIKELY(may_wrap(rows[0]))) {
    for (std::size_t b = 0; b < group; ++b, to += 8)
      one_by_one::transform_block(blocks + b * block_values, quantiser, to, row_bytes);
    return;
  }
  if (low_columns) return transform_rows<true, true>(rows, to, row_bytes);
  if (low_rows) return transform_rows<true, false>(rows, to, row_bytes);
  dequantise_rows<4, 8>(quantiser, rows);
  transform_rows<false, false>(rows, to, row_bytes);
}

void TransformBlocks(const std::int16_t* blocks, std::size_t count, const Quantiser& quantiser,
                     std::uint8_t* to, std::ptrdiff_t row_bytes) {
  alignas(16) static constexpr std::int16_t of_without_dc[8] = {0, -1, -1, -1, -1, -1, -1, -1};
  alignas(16) static constexpr std::int16_t of_right[8] = {0, 0, 0, 0, -1, -1, -1, -1};
  const V without_dc = hn::LoadDup128(Words(), of_without_dc);
  const V right = hn::LoadDup128(Words(), of_right);
  for (std::size_t i = 0; i < count; i += group, blocks += group * block_values, to += 8 * group)
    transform_group(blocks, without_dc, right, quantiser, to, row_bytes);
}

#endif

}  // namespace
}  // namespace pinfeed::image::jpeg::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pinfeed::image::jpeg {

HWY_EXPORT(TransformBlocks);

void transform_blocks(const std::int16_t* blocks, std::size_t count, const Quantiser& quantiser,
                      std::uint8_t* to, std::ptrdiff_t row_bytes) {
  HWY_DYNAMIC_DISPATCH(TransformBlocks)(blocks, count, quantiser, to, row_bytes);
}

}  // namespace pinfeed::image::jpeg
#endif

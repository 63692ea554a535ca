// SPDX-License-Identifier: Apache-2.0
// Writing a block with AVX-512: a vector holds all its values in one byte each, those of a tile in
// 8 bytes, from which PEXT takes the bits that are stored. Only tiles 0 and 1 may have values of
// more than 7 bits here, which lie in two bytes: in photographs one block of 60 has others.
#if defined(PINFEED_HWY_JPEG_TILE_BYTES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PINFEED_HWY_JPEG_TILE_BYTES_INL_H
#undef PINFEED_HWY_JPEG_TILE_BYTES_INL_H
#else
#define PINFEED_HWY_JPEG_TILE_BYTES_INL_H
#endif

#include <hwy/highway.h>

#include "pinfeed/image/codec/jpeg/bit_writer-inl.h"

HWY_BEFORE_NAMESPACE();
namespace pinfeed::image::jpeg::HWY_NAMESPACE {
namespace {

#if HWY_ARCH_X86_64 && HWY_TARGET <= HWY_AVX3

struct TileBytes {
  HWY_ALIGN std::uint64_t codes[tile_count];   // what is stored for the values of each tile
  HWY_ALIGN std::uint64_t stored[tile_count];  // the bits of them that are stored
  HWY_ALIGN std::uint64_t wide_codes[4];       // of tiles 0 and 1, two bytes for each value
  HWY_ALIGN std::uint64_t wide_stored[4];
  std::uint64_t bitmaps;  // one byte per tile
  std::uint64_t widths;   // as places in value_widths
  bool fits;              // otherwise the block has wider values
};

// For _mm512_permutex2var_epi64: the halves of tiles 0, 2, 4 and 6, or of 1, 3, 5 and 7.
template <std::size_t first>
HWY_INLINE __m512i halves_of_tiles() {
  const auto half = [](std::size_t i) {
    return static_cast<std::int64_t>(place_in_block(i / 2 * 2 + first, i % 2 * 4) / 4);
  };
  return _mm512_setr_epi64(half(0), half(1), half(2), half(3), half(4), half(5), half(6), half(7));
}

// The largest of 8 bytes, for each 8.
HWY_INLINE __m128i largest_of_eight(__m512i bytes) {
  bytes = _mm512_max_epu8(bytes, _mm512_srli_epi64(bytes, 32));
  bytes = _mm512_max_epu8(bytes, _mm512_srli_epi64(bytes, 16));
  bytes = _mm512_max_epu8(bytes, _mm512_srli_epi64(bytes, 8));
  return _mm512_cvtepi64_epi8(bytes);
}

// The places in value_widths of the smallest widths that hold values of these magnitudes, by tile.
// Those above 64 have the place of 9 bits.
HWY_INLINE __m128i places_for_bytes(__m128i magnitudes) {
  const __m128i low = _mm_setr_epi8(0, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4);
  const __m128i high = _mm_setr_epi8(0, 5, 6, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7);
  const __m128i nibble = _mm_set1_epi8(15);
  const __m128i most = _mm_subs_epu8(magnitudes, _mm_set1_epi8(1));
  const __m128i places =
      _mm_max_epu8(_mm_shuffle_epi8(low, _mm_and_si128(most, nibble)),
                   _mm_shuffle_epi8(high, _mm_and_si128(_mm_srli_epi16(most, 4), nibble)));
  return _mm_max_epu8(places, _mm_cvtsi32_si128(1));  // the first tile has no width of 1
}

// For each value of a tile as many ones as its width; 8 for those of 9 bits.
HWY_INLINE __m512i stored_bits(__m128i places, __mmask64 present) {
  constexpr std::int64_t every = 0x0101010101010101;
  const __m128i ones =
      _mm_shuffle_epi8(_mm_setr_epi8(1, 3, 7, 15, 31, 63, 127, -1, 0, 0, 0, 0, 0, 0, 0, 0), places);
  const __m512i tiles =
      _mm512_setr_epi64(0, every, 2 * every, 3 * every, 4 * every, 5 * every, 6 * every, 7 * every);
  return _mm512_maskz_shuffle_epi8(present, _mm512_broadcast_i32x4(ones), tiles);
}

// Sets the parts for wide values. Returns whether 9 bits are enough for all of them.
HWY_INLINE bool collect_wide(__m256i values, __m128i stored, TileBytes& tiles) {
  const __m256i positive = _mm256_cmpgt_epi16(values, _mm256_setzero_si256());
  const __m256i bits =
      _mm256_and_si256(_mm256_cvtepi8_epi16(stored), _mm256_set1_epi16(511));  // 9 ones for 8
  _mm256_store_si256(reinterpret_cast<__m256i*>(tiles.wide_codes),
                     _mm256_add_epi16(values, positive));
  _mm256_store_si256(reinterpret_cast<__m256i*>(tiles.wide_stored), bits);
  return _mm256_cmpgt_epu16_mask(_mm256_abs_epi16(values), _mm256_set1_epi16(256)) == 0;
}

HWY_INLINE void collect_bytes(const std::int16_t* block, TileBytes& tiles) {
  constexpr std::uint64_t narrow_tiles = 0x0101010101010000U;
  const __m512i upper = _mm512_loadu_si512(block);
  const __m512i lower = _mm512_loadu_si512(block + 32);
  const __m512i even =  // without DC
      _mm512_maskz_mov_epi16(0xFFFFFFFE,
                             _mm512_permutex2var_epi64(upper, halves_of_tiles<0>(), lower));
  const __m512i odd = _mm512_permutex2var_epi64(upper, halves_of_tiles<1>(), lower);
  const __m512i values = _mm512_packs_epi16(even, odd);
  const __mmask64 present = _mm512_test_epi8_mask(values, values);
  const __mmask64 positive = _mm512_cmpgt_epi8_mask(values, _mm512_setzero_si512());
  const __m128i places = places_for_bytes(largest_of_eight(_mm512_abs_epi8(values)));
  const __m512i stored = stored_bits(places, present);
  _mm512_store_si512(tiles.codes,
                     _mm512_mask_sub_epi8(values, positive, values, _mm512_set1_epi8(1)));
  _mm512_store_si512(tiles.stored, stored);
  tiles.bitmaps = present;
  tiles.widths = static_cast<std::uint64_t>(_mm_cvtsi128_si64(places));
  const __m256i wide =
      _mm256_inserti128_si256(_mm512_castsi512_si256(even), _mm512_castsi512_si128(odd), 1);
  // Place 7, of 9 bits, and 1 have bit 3.
  tiles.fits = collect_wide(wide, _mm512_castsi512_si128(stored), tiles) &&
               ((tiles.widths + narrow_tiles) & 8 * narrow_tiles) == 0;
}

HWY_INLINE std::size_t ones_of(std::uint64_t bits) {
  return static_cast<std::size_t>(std::popcount(bits));
}

HWY_INLINE void add_stored(std::uint64_t codes, std::uint64_t stored, BitWriter& writer) {
  writer.add(_pext_u64(codes, stored), ones_of(stored));
}

// Writes a block that fits, as write_one().
HWY_INLINE std::uint8_t* write_bytes(const std::int16_t* block, const TileBytes& tiles,
                                     std::int16_t& dc, std::uint8_t* to) {
  const std::size_t count = tiles_up_to_last(tiles.bitmaps);
  const auto difference = static_cast<std::int16_t>(block[0] - dc);
  dc = block[0];
  BitWriter writer(write_before_values(tiles.widths, tiles.bitmaps, count, difference, to));
  const std::uint64_t first = _pext_u64(tiles.wide_codes[0], tiles.wide_stored[0]);
  const std::uint64_t second = _pext_u64(tiles.wide_codes[1], tiles.wide_stored[1]);
  const std::size_t bits = ones_of(tiles.wide_stored[0]);
  writer.add(first | second << bits, bits + ones_of(tiles.wide_stored[1]));
  add_stored(tiles.wide_codes[2], tiles.wide_stored[2], writer);
  add_stored(tiles.wide_codes[3], tiles.wide_stored[3], writer);
  for (std::size_t t = 2; t < 4; ++t) add_stored(tiles.codes[t], tiles.stored[t], writer);
  if (count > 4) {
    for (std::size_t t = 4; t < tile_count; ++t)
      add_stored(tiles.codes[t], tiles.stored[t], writer);
  }
  return writer.end();
}

#endif

}  // namespace
}  // namespace pinfeed::image::jpeg::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // PINFEED_HWY_JPEG_TILE_BYTES_INL_H

// SPDX-License-Identifier: Apache-2.0
// Bracket scanning with vector instructions, 64 bytes at a time.
//
// For a block, comparisons give a 64-bit mask each of the quotes, backslashes, brackets and commas
// ('[' | 0x20 is '{', so both kinds of brackets need one comparison). Quotes that follow an odd
// number of backslashes are removed. A prefix XOR over the remaining quotes sets all bits from each
// opening quote to before its closing quote: these bytes are strings, and brackets and commas in
// them are removed from the masks. Two carries connect the blocks: an escape and an open string.
//
// Most blocks are deep inside a list. If a block has too few closing brackets to come back to depth
// 1, the depth changes by the difference of two population counts, and no bit is looked at. Only
// the other blocks are processed bit by bit, for the commas between elements and the last bracket.
#include "pinfeed/formats/json_brackets.h"

#include <algorithm>
#include <array>
#include <bit>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pinfeed/formats/json_brackets.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace pinfeed::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t block_bytes = 64;

// Masks with one bit for each byte of a block.
struct Marks {
  std::uint64_t quotes = 0;
  std::uint64_t backslashes = 0;
  std::uint64_t opening = 0;
  std::uint64_t closing = 0;
  std::uint64_t commas = 0;
};

template <class Lanes, class Mask>
HWY_INLINE std::uint64_t bits_of(Lanes lanes, Mask mask) {
  std::array<std::uint8_t, 8> bytes = {};
  hn::StoreMaskBits(lanes, mask, bytes.data());
  return std::bit_cast<std::uint64_t>(bytes);
}

HWY_INLINE Marks marks_of(const std::uint8_t* block) {
  const hn::CappedTag<std::uint8_t, block_bytes> lanes;
  const auto is = [&](auto bytes, char c) HWY_ATTR {
    return bits_of(lanes, hn::Eq(bytes, hn::Set(lanes, static_cast<std::uint8_t>(c))));
  };
  Marks marks;
  for (std::size_t at = 0; at < block_bytes; at += hn::Lanes(lanes)) {
    const auto bytes = hn::LoadU(lanes, block + at);
    const auto folded = hn::Or(bytes, hn::Set(lanes, 0x20));  // '[' becomes '{', ']' becomes '}'
    marks.quotes |= is(bytes, '"') << at;
    marks.backslashes |= is(bytes, '\\') << at;
    marks.opening |= is(folded, '{') << at;
    marks.closing |= is(folded, '}') << at;
    marks.commas |= is(bytes, ',') << at;
  }
  return marks;
}

// The bytes after a backslash that is not escaped itself.
HWY_INLINE std::uint64_t escaped_bytes(std::uint64_t backslashes, std::uint64_t& carry) {
  std::uint64_t escaped = carry;
  carry = 0;
  for (; backslashes != 0; backslashes &= backslashes - 1) {
    const std::uint64_t one = backslashes & (~backslashes + 1);
    if ((escaped & one) != 0) continue;
    escaped |= one << 1U;
    carry = one >> 63U;
  }
  return escaped;
}

// The bytes from each opening quote to before its closing quote.
HWY_INLINE std::uint64_t string_bytes(std::uint64_t quotes, std::uint64_t& inside) {
  for (std::size_t step = 1; step < block_bytes; step *= 2) quotes ^= quotes << step;
  quotes ^= inside;
  inside = std::uint64_t{0} - (quotes >> 63U);
  return quotes;
}

// Processes the marks one by one. Returns the bytes up to the last bracket, or the whole block.
HWY_INLINE std::size_t scan_marks(BracketScanner& scan, const Marks& marks) {
  for (std::uint64_t rest = marks.opening | marks.closing | marks.commas; rest != 0;
       rest &= rest - 1) {
    const std::uint64_t one = rest & (~rest + 1);
    const std::size_t offset = hwy::Num0BitsBelowLS1Bit_Nonzero64(rest);
    if ((marks.opening & one) != 0) {
      ++scan.depth;
    } else if (scan.depth == 1) {
      scan.windows.add(scan.offset + offset);
      if ((marks.closing & one) == 0) continue;
      scan.depth = 0;
      return offset + 1;
    } else if ((marks.closing & one) != 0) {
      --scan.depth;
    }
  }
  return block_bytes;
}

HWY_INLINE std::size_t scan_block(BracketScanner& scan, const std::uint8_t* block) {
  Marks marks = marks_of(block);
  if ((marks.backslashes | scan.escaped) != 0) {
    marks.quotes &= ~escaped_bytes(marks.backslashes, scan.escaped);
  }
  const std::uint64_t outside = ~string_bytes(marks.quotes, scan.in_string);
  marks.opening &= outside;
  marks.closing &= outside;
  marks.commas &= outside;
  const std::size_t closed = hwy::PopCount(marks.closing);
  if (scan.depth <= closed + 1) return scan_marks(scan, marks);
  scan.depth += hwy::PopCount(marks.opening);
  scan.depth -= closed;
  return block_bytes;
}

std::size_t Scan(BracketScanner& scan, const std::uint8_t* text, std::size_t size) {
  std::size_t at = 0;
  do {
    std::array<std::uint8_t, block_bytes> rest = {};
    const bool whole = size - at >= block_bytes;
    if (!whole) std::copy(text + at, text + size, rest.begin());
    const std::size_t took = scan_block(scan, whole ? text + at : rest.data());
    at += took;
    scan.offset += took;
  } while (at < size && scan.depth > 0);
  return std::min(at, size);
}

}  // namespace
}  // namespace pinfeed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pinfeed {

HWY_EXPORT(Scan);

std::size_t BracketScanner::scan(std::string_view text) {
  if (text.empty()) return 0;
  return HWY_DYNAMIC_DISPATCH(Scan)(*this, reinterpret_cast<const std::uint8_t*>(text.data()),
                                    text.size());
}

}  // namespace pinfeed
#endif

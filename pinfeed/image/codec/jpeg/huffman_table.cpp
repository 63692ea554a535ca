// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/codec/jpeg/huffman_table.h"

#include <algorithm>

namespace pinfeed::image::jpeg {

bool HuffmanTable::prepare(const HuffmanCodes& codes, bool is_dc) {
  if (prepared_ && is_dc_ == is_dc && codes_ == codes) return true;
  prepared_ = false;
  codes_ = codes;
  is_dc_ = is_dc;
  short_codes_.fill(0);
  std::uint32_t code = 0;
  std::int32_t first = 0;
  for (unsigned length = 1; length <= 16; ++length, code <<= 1U) {
    offsets_[length] = first - static_cast<std::int32_t>(code);
    for (int i = 0; i < codes.counts[length]; ++i, ++code, ++first) {
      if (first > 255 || code >= 1U << length) return false;
      const std::uint8_t symbol = codes.symbols[static_cast<std::size_t>(first)];
      if (is_dc && symbol > 15) return false;
      if (length > 8) continue;
      const auto entry = static_cast<std::uint16_t>(length << 8U | symbol);
      std::fill_n(short_codes_.begin() + (code << (8 - length)), 1U << (8 - length), entry);
    }
    if (code >= 1U << length) return false;  // no code consists of ones only
    ends_[length] = code << (16 - length);
  }
  fill_pairs();
  return prepared_ = true;
}

int HuffmanTable::symbol(std::uint64_t bits, unsigned& length) const {
  const std::uint16_t entry = short_codes_[bits >> 56U];
  if (entry != 0) {
    length = entry >> 8U;
    return entry & 255;
  }
  const auto code = static_cast<std::uint32_t>(bits >> 48U);
  for (length = 9; length <= 16; ++length) {
    if (code >= ends_[length]) continue;
    const std::int32_t at = offsets_[length] + static_cast<std::int32_t>(code >> (16 - length));
    return at >= 0 && at < 256 ? codes_.symbols[static_cast<std::size_t>(at)] : -1;
  }
  return -1;
}

// The coefficient at the top of `bits`, of which the first 10 are known and the others are 0.
HuffmanTable::Pair HuffmanTable::meaning(std::uint64_t bits) const {
  unsigned length = 0;
  const int found = symbol(bits, length);
  const unsigned size = static_cast<unsigned>(found) & 15U;
  if (found < 0 || length + size > look_up_bits) return {};
  Pair pair;
  pair.bits = pair.first_bits = static_cast<std::uint8_t>(length + size);
  pair.second_skip = -1;
  const int run = found >> 4;
  pair.first_skip = static_cast<std::uint8_t>(size == 0 && run < 15 ? end_skip : run);
  if (size > 0) {
    const std::uint64_t value = bits << length >> (64 - size);
    pair.first = static_cast<std::int16_t>(extended(static_cast<std::uint32_t>(value), size));
  }
  pair.second = pair.first;
  return pair;
}

void HuffmanTable::fill_pairs() {
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    const std::uint64_t bits = std::uint64_t{i} << (64 - look_up_bits);
    Pair pair = meaning(bits);
    if (!is_dc_ && pair.bits > 0 && pair.first_skip != end_skip) {
      const Pair next = meaning(bits << pair.bits);
      if (next.bits > 0 && pair.bits + next.bits <= look_up_bits) {
        pair.bits = static_cast<std::uint8_t>(pair.bits + next.bits);
        pair.second_skip = static_cast<std::int8_t>(next.first_skip);
        pair.second = next.first;
      }
    }
    pairs_[i] = pair;
  }
}

}  // namespace pinfeed::image::jpeg

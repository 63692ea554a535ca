// SPDX-License-Identifier: Apache-2.0
// Baseline Huffman decoding (ITU-T T.81, F.2.2).
//
// A look-up of 10 bits gives up to two coefficients with their runs and values. A second one is
// used only if the first one is not the last of the block: behind coefficient 63 the next bits
// belong to another block.
#include "pinfeed/image/codec/jpeg/huffman_decoder.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace pinfeed::image::jpeg {
namespace {

constexpr std::size_t beyond = 64;  // where values behind the last coefficient go

struct Places {
  std::array<std::uint8_t, 256> of = {};
};

// The zigzag order (T.81, figure A.6), continued with `beyond`.
constexpr Places make_places() {
  Places places;
  places.of.fill(beyond);
  int x = 0;
  int y = 0;
  for (std::size_t k = 0; k < block_values; ++k) {
    places.of[k] = static_cast<std::uint8_t>(8 * y + x);
    const bool upwards = (x + y) % 2 == 0;
    int& along = upwards ? x : y;    // grows
    int& against = upwards ? y : x;  // shrinks
    if (along == 7) {
      ++against;
    } else {
      ++along;
      if (against > 0) --against;
    }
  }
  return places;
}

constexpr Places places = make_places();

// T.81, F.2.2.1: EXTEND.
std::int32_t extended(std::uint32_t bits, unsigned size) {
  if (size == 0) return 0;
  const auto value = static_cast<std::int32_t>(bits);
  return value < std::int32_t{1} << (size - 1) ? value - (std::int32_t{1} << size) + 1 : value;
}

}  // namespace

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
      if (first > 255) return false;
      const std::uint8_t symbol = codes.symbols[static_cast<std::size_t>(first)];
      if (is_dc && symbol > 15) return false;
      if (length > 8) continue;
      const auto entry = static_cast<std::uint16_t>(length << 8U | symbol);
      std::fill_n(short_codes_.begin() + (code << (8 - length)), 1U << (8 - length), entry);
    }
    if (code >= 1U << length) return false;  // no code consists of ones only
    ends_[length] = code << (16 - length);
  }
  if (!is_dc) fill_pairs();
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
    if (pair.bits > 0 && pair.first_skip != end_skip) {
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

ScanDecoder::ScanDecoder(std::span<const std::byte> bytes,
                         std::span<const ScanComponent> components, int restart)
    : components_(components), restart_(restart), until_restart_(restart) {
  in_.next = reinterpret_cast<const std::uint8_t*>(bytes.data());
  in_.end = in_.next + bytes.size();
}

namespace {

// Bytes one by one, up to a marker.
BitReader refilled_slowly(BitReader in) {
  while (in.count >= 0 && in.count <= 56) {
    // Bits below `count` may be those of the next bytes.
    in.bits &= in.count == 0 ? 0 : ~std::uint64_t{0} << static_cast<unsigned>(64 - in.count);
    const bool is_data =
        in.next < in.end && (*in.next != 0xFF || (in.end - in.next > 1 && in.next[1] == 0));
    if (!is_data) break;
    in.bits |= std::uint64_t{*in.next} << static_cast<unsigned>(56 - in.count);
    in.next += *in.next == 0xFF ? 2 : 1;
    in.count += 8;
  }
  return in;
}

// Afterwards at least 56 bits are there, of which those behind the data are 0.
inline void refill(BitReader& in) {
  if (in.end - in.next >= 8 && in.count >= 0) [[likely]] {
    std::uint64_t eight;
    std::memcpy(&eight, in.next, sizeof eight);
    constexpr std::uint64_t ones = 0x0101010101010101U;
    const bool has_ff = (eight & ~(eight + ones) & (ones << 7U)) != 0;
    if (!has_ff) [[likely]] {
      in.bits |= __builtin_bswap64(eight) >> static_cast<unsigned>(in.count);
      in.next += (63 - in.count) >> 3;
      in.count |= 56;
      return;
    }
  }
  in = refilled_slowly(in);
}

inline void consume(BitReader& in, unsigned count) {
  in.bits <<= count;
  in.count -= static_cast<int>(count);
}

// Of at most 16 bits, which refill() has made available.
inline std::int32_t read_value(BitReader& in, unsigned size) {
  if (size == 0) return 0;
  const auto value = static_cast<std::uint32_t>(in.bits >> (64 - size));
  consume(in, size);
  return extended(value, size);
}

inline bool read_dc(BitReader& in, const HuffmanTable& table, std::uint32_t& dc) {
  refill(in);
  unsigned length = 0;
  const int size = table.symbol(in.bits, length);
  if (size < 0) return false;
  consume(in, length);
  dc += static_cast<std::uint32_t>(read_value(in, static_cast<unsigned>(size)));
  return true;
}

// A coefficient whose code and value have more than 10 bits.
inline bool read_long(BitReader& in, const HuffmanTable& table, int& k, std::int16_t* values) {
  unsigned length = 0;
  const int symbol = table.symbol(in.bits, length);
  if (symbol < 0) return false;
  consume(in, length);
  const unsigned size = static_cast<unsigned>(symbol) & 15U;
  const int run = symbol >> 4;
  k += size == 0 && run < 15 ? HuffmanTable::end_skip : run;
  values[places.of[static_cast<std::size_t>(k)]] = static_cast<std::int16_t>(read_value(in, size));
  ++k;
  return true;
}

// The coefficients behind DC. Returns the number of the last one and 1, or more than end_skip after
// the end of the block.
inline int read_ac(BitReader& in, const HuffmanTable& table, std::int16_t* values) {
  int k = 1;
  while (k < 64) {
    refill(in);
    const HuffmanTable::Pair pair = table.pair(in.bits);
    if (pair.bits == 0) [[unlikely]] {
      if (!read_long(in, table, k, values)) return 65;
      continue;
    }
    k += pair.first_skip;
    values[places.of[static_cast<std::size_t>(k)]] = pair.first;
    if (++k > 63) {
      consume(in, pair.first_bits);
      break;
    }
    k += pair.second_skip;
    values[places.of[static_cast<std::size_t>(k)]] = pair.second;
    ++k;
    consume(in, pair.bits);
  }
  return k;
}

}  // namespace

bool ScanDecoder::read_block(const ScanComponent& component, std::uint32_t& dc,
                             std::int16_t* block) {
  std::int16_t values[block_values + 1] = {};
  BitReader in = in_;
  if (!read_dc(in, *component.dc, dc)) return false;
  const int k = read_ac(in, *component.ac, values);
  in_ = in;
  // A run beyond the last coefficient, or bits behind the data, are irregular.
  if ((k > 64 && k <= HuffmanTable::end_skip) || in.count < 0) return false;
  values[0] = static_cast<std::int16_t>(static_cast<std::uint16_t>(dc));
  std::memcpy(block, values, block_values * sizeof *values);
  return true;
}

bool ScanDecoder::read_unit(int unit, int units, std::span<std::int16_t* const> rows) {
  for (std::size_t c = 0; c < components_.size(); ++c) {
    const ScanComponent& component = components_[c];
    for (int y = 0; y < component.v; ++y) {
      for (int x = 0; x < component.h; ++x) {
        const auto at = static_cast<std::size_t>(component.h * (y * units + unit) + x);
        if (!read_block(component, dc_[c], rows[c] + at * block_values)) return false;
      }
    }
  }
  return true;
}

// The rest of the last byte is not used; then the marker follows directly.
bool ScanDecoder::read_restart() {
  in_ = refilled_slowly(in_);
  if (in_.count < 0 || in_.count >= 8) return false;
  const auto marker = static_cast<std::uint8_t>(0xD0 + next_restart_);
  if (in_.end - in_.next < 2 || in_.next[0] != 0xFF || in_.next[1] != marker) return false;
  next_restart_ = (next_restart_ + 1) % 8;
  in_ = {in_.next + 2, in_.end, 0, 0};
  dc_ = {};
  until_restart_ = restart_;
  return true;
}

bool ScanDecoder::read_row(int units, std::span<std::int16_t* const> rows) {
  for (int unit = 0; unit < units; ++unit) {
    if (restart_ > 0 && until_restart_ == 0 && !read_restart()) return false;
    --until_restart_;
    if (!read_unit(unit, units, rows)) return false;
  }
  return true;
}

bool ScanDecoder::ends() {
  in_ = refilled_slowly(in_);
  return in_.count >= 0 && in_.count < 8 && in_.end - in_.next >= 2 && in_.next[0] == 0xFF &&
         in_.next[1] == 0xD9;
}

}  // namespace pinfeed::image::jpeg

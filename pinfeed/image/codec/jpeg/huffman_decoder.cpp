// SPDX-License-Identifier: Apache-2.0
// Baseline Huffman decoding (ITU-T T.81, F.2.2).
//
// A look-up of 10 bits gives up to two coefficients with their runs and values. A second one is
// used only if the first one is not the last of the block: behind coefficient 63 the next bits
// belong to another block. The zeros behind bytes of ones are removed before, so that bits are
// loaded 8 bytes at a time.
#include "pinfeed/image/codec/jpeg/huffman_decoder.h"

#include <cstring>

namespace pinfeed::image::jpeg {
namespace {

constexpr std::size_t beyond = 0;  // where values behind the last coefficient go: DC comes last

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

}  // namespace

ScanDecoder::ScanDecoder(std::span<const std::byte> bytes,
                         std::span<const ScanComponent> components, int restart,
                         std::vector<std::uint8_t>& memory)
    : rest_(reinterpret_cast<const std::uint8_t*>(bytes.data())),
      end_(rest_ + bytes.size()),
      memory_(memory),
      components_(components),
      restart_(restart),
      until_restart_(restart) {
  open_piece();
}

// Copies the data up to the next marker, without the zeros behind bytes of ones.
void ScanDecoder::open_piece() {
  const auto left = static_cast<std::size_t>(end_ - rest_);
  if (memory_.size() < left + readable_behind_data) memory_.resize(left + readable_behind_data);
  std::uint8_t* to = memory_.data();
  while (rest_ < end_) {
    const auto* found = static_cast<const std::uint8_t*>(
        std::memchr(rest_, 0xFF, static_cast<std::size_t>(end_ - rest_)));
    const std::uint8_t* until = found != nullptr ? found : end_;
    const bool is_data = end_ - until > 1 && until[1] == 0;
    const auto count = static_cast<std::size_t>(until - rest_) + (is_data ? 1 : 0);
    std::memcpy(to, rest_, count);
    to += count;
    rest_ = until + (is_data ? 2 : 0);
    if (!is_data) break;
  }
  std::memset(to, 0, readable_behind_data);
  in_ = {memory_.data(), to, 0, 0};
}

namespace {

// Afterwards at least 56 bits are there. Bits below `count` are those of the next bytes.
inline void refill(BitReader& in) {
  std::uint64_t eight;
  std::memcpy(&eight, in.next, sizeof eight);
  in.bits |= __builtin_bswap64(eight) >> in.count;
  in.next += (63U - in.count) >> 3U;
  in.count |= 56U;
}

inline void consume(BitReader& in, unsigned count) {
  in.bits <<= count;
  in.count -= count;
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
  const HuffmanTable::Pair& pair = table.pair(in.bits);
  if (pair.bits > 0) [[likely]] {
    dc += static_cast<std::uint32_t>(std::int32_t{pair.first});
    consume(in, pair.bits);
    return true;
  }
  unsigned length = 0;
  const int size = table.symbol(in.bits, length);
  if (size < 0) return false;
  consume(in, length);
  dc += static_cast<std::uint32_t>(read_value(in, static_cast<unsigned>(size)));
  return true;
}

// A coefficient whose code and value have more than 10 bits.
inline bool read_long(BitReader& in, const HuffmanTable& table, unsigned& k, std::int16_t* values) {
  refill(in);
  unsigned length = 0;
  const int symbol = table.symbol(in.bits, length);
  if (symbol < 0) return false;
  consume(in, length);
  const unsigned size = static_cast<unsigned>(symbol) & 15U;
  const unsigned run = static_cast<unsigned>(symbol) >> 4U;
  k += size == 0 && run < 15 ? HuffmanTable::end_skip : run;
  values[places.of[k]] = static_cast<std::int16_t>(read_value(in, size));
  ++k;
  return true;
}

// The coefficients behind DC. Returns the number of the last one and 1, or more than end_skip after
// the end of the block.
inline unsigned read_ac(BitReader& in, const HuffmanTable& table, std::int16_t* values) {
  constexpr int look_ups = 56 / HuffmanTable::look_up_bits;
  unsigned k = 1;
  while (true) {
    refill(in);
    for (int i = 0; i < look_ups; ++i) {
      const HuffmanTable::Pair pair = table.pair(in.bits);
      if (pair.bits == 0) [[unlikely]] {
        if (!read_long(in, table, k, values)) return 65;
        if (k > 63) return k;
        break;
      }
      const unsigned first = k + pair.first_skip;
      values[places.of[first]] = pair.first;
      k = first + 1 + static_cast<unsigned>(int{pair.second_skip});
      values[places.of[k]] = pair.second;
      ++k;
      if (k > 63) {
        const bool ends = first >= 63;
        consume(in, ends ? pair.first_bits : pair.bits);
        return ends ? first + 1 : k;
      }
      consume(in, pair.bits);
    }
  }
}

}  // namespace

bool ScanDecoder::read_block(const ScanComponent& component, std::uint32_t& dc,
                             std::int16_t* block) {
  BitReader in = in_;
  if (!read_dc(in, *component.dc, dc)) return false;
  const unsigned k = read_ac(in, *component.ac, block);
  in_ = in;
  block[0] = static_cast<std::int16_t>(static_cast<std::uint16_t>(dc));
  // A run beyond the last coefficient, or bits behind the data, are irregular.
  return (k <= 64 || k > HuffmanTable::end_skip) && in.next - in.count / 8 <= in.end;
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

// Whether fewer than 8 bits are left: the last byte is filled up.
bool ScanDecoder::piece_is_read() const { return in_.next - in_.count / 8 == in_.end; }

bool ScanDecoder::read_restart() {
  const auto marker = static_cast<std::uint8_t>(0xD0 + next_restart_);
  if (!piece_is_read() || end_ - rest_ < 2 || rest_[0] != 0xFF || rest_[1] != marker) return false;
  next_restart_ = (next_restart_ + 1) % 8;
  rest_ += 2;
  open_piece();
  dc_ = {};
  until_restart_ = restart_;
  return true;
}

bool ScanDecoder::read_row(int units, std::span<std::int16_t* const> rows) {
  for (std::size_t c = 0; c < components_.size(); ++c) {
    const auto blocks = static_cast<std::size_t>(components_[c].h * components_[c].v * units);
    std::memset(rows[c], 0, blocks * block_values * sizeof *rows[c]);
  }
  for (int unit = 0; unit < units; ++unit) {
    if (restart_ > 0 && until_restart_ == 0 && !read_restart()) return false;
    --until_restart_;
    if (!read_unit(unit, units, rows)) return false;
  }
  return true;
}

bool ScanDecoder::ends() const {
  return piece_is_read() && end_ - rest_ >= 2 && rest_[0] == 0xFF && rest_[1] == 0xD9;
}

}  // namespace pinfeed::image::jpeg

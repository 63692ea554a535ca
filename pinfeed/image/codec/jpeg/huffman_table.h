// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace pinfeed::image::jpeg {

/// The value of `size` bits (T.81, F.2.2.1: EXTEND).
inline std::int32_t extended(std::uint32_t bits, unsigned size) {
  if (size == 0) return 0;
  const auto value = static_cast<std::int32_t>(bits);
  return value < std::int32_t{1} << (size - 1) ? value - (std::int32_t{1} << size) + 1 : value;
}

/// A Huffman table as JPEG files have it (DHT).
struct HuffmanCodes {
  std::array<std::uint8_t, 17> counts = {};    // of the codes of each length; [0] is unused
  std::array<std::uint8_t, 256> symbols = {};  // in the order of the codes

  bool operator==(const HuffmanCodes&) const = default;
};

/// Look-ups for a table. prepare() builds them only if the table differs from the one before.
class HuffmanTable {
 public:
  /// What the next bits mean: one or two coefficients, or the end of the block.
  struct Pair {
    std::uint8_t bits = 0;        // of both; 0: the code or its value needs more bits
    std::uint8_t first_bits = 0;  // of the first
    std::uint8_t first_skip = 0;  // zeros before the first
    std::int8_t second_skip = 0;  // before the second; -1: there is none
    std::int16_t first = 0;
    std::int16_t second = 0;  // equal to the first if there is none
  };
  static constexpr unsigned look_up_bits = 10;
  /// Skipped by the end of a block.
  static constexpr unsigned end_skip = 100;

  /// Returns false if the counts are no prefix code.
  bool prepare(const HuffmanCodes& codes, bool is_dc);

  const Pair& pair(std::uint64_t bits) const { return pairs_[bits >> (64 - look_up_bits)]; }
  /// The symbol of the code at the top of `bits`, and its length; -1 if there is none.
  int symbol(std::uint64_t bits, unsigned& length) const;

 private:
  void fill_pairs();
  Pair meaning(std::uint64_t bits) const;

  HuffmanCodes codes_ = {};
  bool is_dc_ = false;
  bool prepared_ = false;
  std::array<std::uint16_t, 256> short_codes_ = {};  // by 8 bits: length and symbol
  std::array<std::uint32_t, 18> ends_ = {};          // behind the last code of a length, 16 bits
  std::array<std::int32_t, 17> offsets_ = {};        // from a code to its symbol
  std::array<Pair, 1U << look_up_bits> pairs_ = {};
};

}  // namespace pinfeed::image::jpeg

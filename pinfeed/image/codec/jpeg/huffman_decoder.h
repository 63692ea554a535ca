// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "pinfeed/image/codec/jpeg/block_code.h"

namespace pinfeed::image::jpeg {

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
  static constexpr int end_skip = 100;

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

/// The bits of entropy-coded data up to the next marker. A value, so that loops keep it in
/// registers.
struct BitReader {
  const std::uint8_t* next = nullptr;
  const std::uint8_t* end = nullptr;
  std::uint64_t bits = 0;  // the next ones, from the highest on
  int count = 0;           // valid ones; negative: bits behind the data were used
};

/// One component of a scan.
struct ScanComponent {
  int h = 1;  // blocks of a minimum coded unit
  int v = 1;
  const HuffmanTable* dc = nullptr;
  const HuffmanTable* ac = nullptr;
};

/// Reads the blocks of a baseline scan, one row of minimum coded units at a time. Accepts only data
/// without any irregularity; what libjpeg does with others is not repeated here.
class ScanDecoder {
 public:
  /// `bytes` begin behind the header of the scan. `restart` is the restart interval, 0 for none.
  ScanDecoder(std::span<const std::byte> bytes, std::span<const ScanComponent> components,
              int restart);

  /// Reads a row of `units` minimum coded units. `rows[c]` are the blocks of component c, h * units
  /// for each of its v rows, one row behind the other, 64 zeros each. False if the data are
  /// irregular.
  bool read_row(int units, std::span<std::int16_t* const> rows);
  /// Whether the end marker follows directly.
  bool ends();

 private:
  bool read_unit(int unit, int units, std::span<std::int16_t* const> rows);
  bool read_block(const ScanComponent& component, std::uint32_t& dc, std::int16_t* block);
  bool read_restart();

  BitReader in_;
  std::span<const ScanComponent> components_;
  int restart_;
  int until_restart_;
  int next_restart_ = 0;
  std::array<std::uint32_t, 4> dc_ = {};
};

}  // namespace pinfeed::image::jpeg

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "pinfeed/image/codec/jpeg/block_code.h"
#include "pinfeed/image/codec/jpeg/huffman_table.h"

namespace pinfeed::image::jpeg {

/// The bits of entropy-coded data. A value, so that loops keep it in registers.
struct BitReader {
  const std::uint8_t* next = nullptr;
  const std::uint8_t* end = nullptr;
  std::uint64_t bits = 0;  // the next ones, from the highest on
  unsigned count = 0;      // valid ones
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
  /// `memory` is used as long as the decoder; it grows to the size of the data.
  ScanDecoder(std::span<const std::byte> bytes, std::span<const ScanComponent> components,
              int restart, std::vector<std::uint8_t>& memory);

  /// Reads a row of `units` minimum coded units. `rows[c]` are the blocks of component c, h * units
  /// for each of its v rows, one row behind the other. False if the data are
  /// irregular.
  bool read_row(int units, std::span<std::int16_t* const> rows);
  /// Whether the end marker follows directly.
  bool ends() const;

 private:
  // Of one block at most, and more.
  static constexpr std::size_t readable_behind_data = 512;

  void open_piece();
  bool piece_is_read() const;
  bool read_unit(int unit, int units, std::span<std::int16_t* const> rows);
  bool read_block(const ScanComponent& component, std::uint32_t& dc, std::int16_t* block);
  bool read_restart();

  BitReader in_;                       // of the data up to the next marker
  const std::uint8_t* rest_;           // the marker
  const std::uint8_t* end_;            // of the file
  std::vector<std::uint8_t>& memory_;  // the data
  std::span<const ScanComponent> components_;
  int restart_;
  int until_restart_;
  int next_restart_ = 0;
  std::array<std::uint32_t, 4> dc_ = {};
};

}  // namespace pinfeed::image::jpeg

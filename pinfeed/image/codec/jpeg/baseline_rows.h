// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "pinfeed/image/codec/jpeg/coefficient_record.h"
#include "pinfeed/image/codec/jpeg/huffman_decoder.h"

namespace pinfeed::image::jpeg {

/// The blocks of a baseline scan, read from the top down as they are asked for. Keeps its memory
/// between images. Must not move while an image is read.
class BaselineRows {
 public:
  /// Begins a scan of all components of the image; `data` follow its header. Each row is also added
  /// to `writer`, unless that is null.
  void begin(const RecordInfo& info, std::span<const ScanComponent> components,
             std::span<const std::byte> data, int restart, RecordWriter* writer);
  /// A row of blocks of a plane, 64 coefficients in natural order each, and `readable_blocks`
  /// readable ones behind it. Rows stay valid while the next row of minimum coded units is read,
  /// and must not be asked for later. Null if the data are irregular up to there.
  const std::int16_t* blocks(int plane, int row);
  /// Reads the remaining rows. Returns whether all data were regular and the end marker follows.
  bool finish();

 private:
  bool read_units();
  void write_units(int row);
  std::int16_t* units(std::size_t component, int row);

  RecordInfo info_ = {};
  std::array<ScanComponent, 3> components_ = {};
  std::size_t count_ = 0;                               // components
  std::array<std::vector<std::int16_t>, 3> rows_ = {};  // the last two rows of each component
  std::vector<std::uint8_t> data_ = {};                 // ScanDecoder's
  std::optional<ScanDecoder> decoder_ = {};
  RecordWriter* writer_ = nullptr;
  int units_wide_ = 0;
  int units_high_ = 0;
  int next_ = 0;  // row of minimum coded units
  bool regular_ = true;
};

}  // namespace pinfeed::image::jpeg

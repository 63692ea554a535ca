// SPDX-License-Identifier: Apache-2.0
// From samples of the components to pixels, as libjpeg-turbo computes them with its defaults
// (jdsample.c, jdcolor.c). One row at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace pinfeed::image::jpeg {

/// Samples of a row, and whether the row of the image begins and ends with them. Where it does not,
/// the sample beyond is readable and used.
struct SampleRow {
  const std::uint8_t* samples = nullptr;
  std::size_t count = 0;
  bool begins = true;
  bool ends = true;
};

/// Doubles the columns: 3/4 of the nearer sample and 1/4 of the other one. Writes 2 x count
/// samples.
void smooth_columns(const SampleRow& row, std::uint8_t* to);

/// The same in both directions: `far` are the samples of the second nearest row. `sums` has space
/// for count + 2 values.
void smooth_both(const SampleRow& near, const std::uint8_t* far, std::uint16_t* sums,
                 std::uint8_t* to);

/// Doubles the rows only: (3 near + far + bias) / 4.
void smooth_rows(const std::uint8_t* near, const std::uint8_t* far, unsigned bias,
                 std::size_t count, std::uint8_t* to);

/// Y, Cb and Cr to pixels of 3 bytes: B, G, R, or R, G, B if `rgb`.
void from_ycc(const std::array<const std::uint8_t*, 3>& planes, std::size_t count, bool rgb,
              std::uint8_t* to);

/// The samples of three planes as pixels of 3 bytes, in the order of the planes.
void interleave(const std::array<const std::uint8_t*, 3>& planes, std::size_t count,
                std::uint8_t* to);

}  // namespace pinfeed::image::jpeg

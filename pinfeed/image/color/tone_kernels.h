// SPDX-License-Identifier: Apache-2.0
// The inner loops that change what a value means, for the widest vectors that the processor has. No
// multiplication is fused with an addition, but where that is known to change nothing: the result
// does not depend on the width.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "pinfeed/image/color/normalization.h"

namespace pinfeed::image {

/// The first and the third byte of each pixel change places.
void swap_channels(std::uint8_t* row, std::size_t width);

/// Bytes to float32.
void bytes_to_floats(const std::uint8_t* from, float* to, std::size_t values);

/// Means and factors of three channels, again and again: three vectors from each channel on.
struct ChannelRule {
  // Wider vectors of floats slow the processor's clock by more than they gain (measured).
  static constexpr std::size_t most_lanes = 8;
  template <class T>
  using Repeated = std::array<T, 3 * most_lanes + 3>;

  Repeated<float> mean = {};
  Repeated<double> scale = {};
  /// `scale` as the sum of two floats. Where `parts_do`, they give every byte what doubles give it:
  /// value x high_part + (value x low_part), the first product not rounded.
  Repeated<float> high_part = {};
  Repeated<float> low_part = {};
  bool parts_do = false;
};
ChannelRule channel_rule(const Normalization& rule);
/// Bytes of three channels to float32 by the rule of Normalization; channels are not reversed.
void normalize_bytes(const std::uint8_t* from, const ChannelRule& rule, float* to,
                     std::size_t values);
/// The same, past the caches: for what is not read again soon. Others may see the values after
/// finish_streams().
void stream_normalized(const std::uint8_t* from, const ChannelRule& rule, float* to,
                       std::size_t values);
void finish_streams();
/// Pixels of three bytes to a plane for each.
void split_channels(const std::uint8_t* from, const std::array<std::uint8_t*, 3>& planes,
                    std::size_t pixels);

}  // namespace pinfeed::image

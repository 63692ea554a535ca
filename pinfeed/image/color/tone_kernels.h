// SPDX-License-Identifier: Apache-2.0
// The inner loops that convert pixel values, for the widest vectors of the processor.
// Multiplications are fused with additions only where that is known to change no bit, so the result
// does not depend on the processor.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "pinfeed/image/color/normalization.h"

namespace pinfeed::image {

/// Swaps the first and the third byte of each pixel.
void swap_channels(std::uint8_t* row, std::size_t width);

/// Converts bytes to float32.
void bytes_to_floats(const std::uint8_t* from, float* to, std::size_t values);

/// Means and factors of three channels, repeated so that a vector may begin with any channel.
struct ChannelRule {
  // Wider vectors of floats reduce the processor's clock and cost more than they gain (measured).
  static constexpr std::size_t max_lanes = 8;
  template <class T>
  using Repeated = std::array<T, 3 * max_lanes + 3>;

  Repeated<float> mean = {};
  Repeated<double> scale = {};
  /// `scale` as the sum of two floats. If `parts_are_exact`, value x high_part + (value x
  /// low_part), with an unrounded first product, gives the result of doubles for every byte.
  Repeated<float> high_part = {};
  Repeated<float> low_part = {};
  bool parts_are_exact = false;
};
ChannelRule channel_rule(const Normalization& rule);
/// Normalizes bytes of three channels to float32. Does not reverse the channels.
void normalize_bytes(const std::uint8_t* from, const ChannelRule& rule, float* to,
                     std::size_t values);
/// The same with non-temporal stores: other threads may read the values after finish_streams()
/// (core/stream_copy.h).
void stream_normalized(const std::uint8_t* from, const ChannelRule& rule, float* to,
                       std::size_t values);
/// Writes each channel of pixels of three bytes to a plane of its own.
void split_channels(const std::uint8_t* from, const std::array<std::uint8_t*, 3>& planes,
                    std::size_t pixels);

}  // namespace pinfeed::image

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/metrics/pairwise_mean.h"

#include <array>
#include <cstddef>

namespace pinfeed {
namespace {

constexpr std::size_t lanes = 8;
constexpr std::size_t summed_block = 128;

template <class Number>
Number block_sum(std::span<const Number> values) {
  std::array<Number, lanes> sums = {};
  for (std::size_t i = 0; i < lanes; ++i) sums[i] = values[i];
  std::size_t at = lanes;
  for (; at + lanes <= values.size(); at += lanes) {
    for (std::size_t i = 0; i < lanes; ++i) sums[i] += values[at + i];
  }
  Number sum =
      ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
  for (; at < values.size(); ++at) sum += values[at];
  return sum;
}

template <class Number>
Number sum_of(std::span<const Number> values) {
  if (values.size() < lanes) {
    Number sum = 0;
    for (const Number value : values) sum += value;
    return sum;
  }
  if (values.size() <= summed_block) return block_sum(values);
  std::size_t half = values.size() / 2;
  half -= half % lanes;
  return sum_of(values.first(half)) + sum_of(values.subspan(half));
}

}  // namespace

double pairwise_sum(std::span<const double> values) { return sum_of(values); }

double pairwise_mean(std::span<const double> values) {
  return sum_of(values) / static_cast<double>(values.size());
}

float pairwise_mean(std::span<const float> values) {
  return sum_of(values) / static_cast<float>(values.size());
}

}  // namespace pinfeed

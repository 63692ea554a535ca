// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/metrics/pairwise_mean.h"

#include <array>
#include <cstddef>

namespace pinfeed {
namespace {

constexpr std::size_t lanes = 8;
constexpr std::size_t block = 128;

double block_sum(std::span<const double> values) {
  std::array<double, lanes> sums = {};
  for (std::size_t i = 0; i < lanes; ++i) sums[i] = values[i];
  std::size_t at = lanes;
  for (; at + lanes <= values.size(); at += lanes) {
    for (std::size_t i = 0; i < lanes; ++i) sums[i] += values[at + i];
  }
  double sum =
      ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
  for (; at < values.size(); ++at) sum += values[at];
  return sum;
}

double pairwise_sum(std::span<const double> values) {
  if (values.size() < lanes) {
    double sum = 0.0;
    for (const double value : values) sum += value;
    return sum;
  }
  if (values.size() <= block) return block_sum(values);
  std::size_t half = values.size() / 2;
  half -= half % lanes;
  return pairwise_sum(values.first(half)) + pairwise_sum(values.subspan(half));
}

}  // namespace

double pairwise_mean(std::span<const double> values) {
  return pairwise_sum(values) / static_cast<double>(values.size());
}

}  // namespace pinfeed

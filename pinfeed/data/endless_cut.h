// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "pinfeed/data/sampler.h"

namespace pinfeed {

/// An order without end, cut into batches as they are asked for. Keeps the latest of them; an older
/// one is found by cutting anew from the beginning, and one far ahead by cutting up to it.
class EndlessCut {
 public:
  /// `begin` gives a cutter that has seen nothing.
  EndlessCut(Order order, std::function<BatchCutter()> begin);

  /// The first place of a batch, and the one behind its last.
  std::pair<std::int64_t, std::int64_t> places_of(std::int64_t batch);
  /// The data set's index at a place of the batches in a row.
  std::int64_t at(std::int64_t place);

 private:
  void restart();
  void take_one();
  void forget_old();

  Order order_;
  std::function<BatchCutter()> begin_;
  BatchCutter cutter_;
  std::int64_t taken_ = 0;        // of the order
  std::int64_t first_batch_ = 0;  // the first that is kept
  std::int64_t first_place_ = 0;  // where it begins
  BatchOrder kept_ = {};
};

}  // namespace pinfeed

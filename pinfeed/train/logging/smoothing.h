// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <deque>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/train/logging/log_line.h"

namespace pinfeed {

/// The last values of each logged scalar. The values of tensors on a device are read in smoothed()
/// only, all with one copy, so that not every step waits for the device. One thread at a time.
class Smoothing {
 public:
  /// Scalars whose name matches `mean_pattern` are smoothed to the mean of the last `window`
  /// values; all others have their last value.
  Smoothing(std::size_t window, const std::string& mean_pattern);

  void add(const std::string& name, double value);
  void add(const std::string& name, const at::Tensor& value);
  /// Throws Error(bug) for a name that was never added.
  double smoothed(const std::string& name) const;
  /// All scalars, in the order in which they were first added.
  Scalars smoothed() const;

 private:
  struct Value {
    at::Tensor tensor = {};  // of one element; undefined once `number` is known
    double number = 0.0;
  };
  struct Row {
    std::string name;
    bool mean = false;
    std::deque<Value> values = {};
  };
  void add(const std::string& name, Value value);
  void read_tensors() const;
  static double smoothed(const Row& row);

  std::size_t window_;
  std::regex mean_pattern_;
  mutable std::vector<Row> rows_;  // reading replaces tensors by their numbers
};

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <deque>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/train/logging/log_line.h"

namespace pinfeed {

/// The last values of each logged number. Tensors are read only when asked for, so that a device is
/// not waited for at every step.
class Smoothing {
 public:
  /// Numbers whose name matches `mean_pattern` are shown as the mean of the last `window` values,
  /// all others as the last one.
  Smoothing(std::size_t window, const std::string& mean_pattern);

  void add(const std::string& name, double value);
  void add(const std::string& name, const torch::Tensor& value);
  /// Throws Error(bug) for a name that was never added.
  double shown(const std::string& name) const;
  /// All that were added by tensors and doubles, in the order of their first time.
  Scalars shown() const;

 private:
  struct Value {
    torch::Tensor tensor = {};
    double number = 0.0;
    double read() const { return tensor.defined() ? tensor.item<double>() : number; }
  };
  struct Row {
    std::string name;
    bool mean = false;
    std::deque<Value> values = {};
  };
  void add(const std::string& name, Value value);
  static double shown(const Row& row);

  std::size_t window_;
  std::regex mean_pattern_;
  std::vector<Row> rows_;
};

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
// Source of the rule: docs/specs/openmmlab-runtime.md, 6, smoothing.
#include "pinfeed/train/logging/smoothing.h"

#include <algorithm>

#include "pinfeed/core/error.h"

namespace pinfeed {

Smoothing::Smoothing(std::size_t window, const std::string& mean_pattern)
    : window_(window), mean_pattern_(mean_pattern) {}

void Smoothing::add(const std::string& name, double value) { add(name, Value{.number = value}); }

void Smoothing::add(const std::string& name, const at::Tensor& value) {
  const at::Tensor detached = value.detach();
  // On the host a value is read now: that does not wait, and the tensor may be overwritten later.
  add(name, detached.is_cpu() ? Value{.number = detached.item<double>()}
                              : Value{.tensor = detached.clone()});
}

void Smoothing::add(const std::string& name, Value value) {
  auto row = std::find_if(rows_.begin(), rows_.end(), [&](const Row& r) { return r.name == name; });
  if (row == rows_.end()) {
    rows_.push_back({.name = name, .mean = std::regex_match(name, mean_pattern_)});
    row = std::prev(rows_.end());
  }
  row->values.push_back(std::move(value));
  while (row->values.size() > (row->mean ? window_ : 1)) row->values.pop_front();
}

// All at once: each read of its own would wait for the device.
void Smoothing::read_tensors() const {
  std::vector<at::Tensor> tensors;
  std::vector<Value*> values;
  for (Row& row : rows_) {
    for (Value& value : row.values) {
      if (!value.tensor.defined()) continue;
      tensors.push_back(value.tensor.to(at::kDouble).flatten());
      values.push_back(&value);
    }
  }
  if (values.empty()) return;
  const at::Tensor numbers = at::cat(tensors).cpu();
  const auto* number = numbers.const_data_ptr<double>();
  for (Value* value : values) *value = {.number = *number++};
}

double Smoothing::smoothed(const Row& row) {
  double sum = 0.0;
  for (const Value& value : row.values) sum += value.number;
  return sum / static_cast<double>(row.values.size());
}

double Smoothing::smoothed(const std::string& name) const {
  const auto row =
      std::find_if(rows_.begin(), rows_.end(), [&](const Row& r) { return r.name == name; });
  if (row == rows_.end()) throw Error(ErrorKind::bug, "'" + name + "' was never logged");
  read_tensors();
  return smoothed(*row);
}

Scalars Smoothing::smoothed() const {
  read_tensors();
  Scalars all;
  for (const Row& row : rows_) all.emplace_back(row.name, smoothed(row));
  return all;
}

}  // namespace pinfeed

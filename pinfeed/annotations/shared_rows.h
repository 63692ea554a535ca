// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace pinfeed {

/// Constant rows, shared by whoever copies it: a vector's, or those of a mapped file.
template <class T>
class Rows {
 public:
  Rows() = default;
  Rows(std::vector<T> rows) {
    const auto kept = std::make_shared<const std::vector<T>>(std::move(rows));
    rows_ = *kept;
    owner_ = kept;
  }
  /// `rows` live as long as `owner`.
  Rows(std::shared_ptr<const void> owner, std::span<const T> rows)
      : owner_(std::move(owner)), rows_(rows) {}

  std::size_t size() const { return rows_.size(); }
  bool empty() const { return rows_.empty(); }
  const T& operator[](std::size_t row) const { return rows_[row]; }
  auto begin() const { return rows_.begin(); }
  auto end() const { return rows_.end(); }

 private:
  std::shared_ptr<const void> owner_ = {};
  std::span<const T> rows_ = {};
};

}  // namespace pinfeed

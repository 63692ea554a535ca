// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace pinfeed {

/// Constant rows of a vector or of a memory-mapped file. Copies share the rows. Safe from any
/// thread.
template <class T>
class SharedRows {
 public:
  SharedRows() = default;
  SharedRows(std::vector<T> rows) {
    const auto owner = std::make_shared<const std::vector<T>>(std::move(rows));
    rows_ = *owner;
    owner_ = owner;
  }
  /// `rows` must be valid while `owner` exists.
  SharedRows(std::shared_ptr<const void> owner, std::span<const T> rows)
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

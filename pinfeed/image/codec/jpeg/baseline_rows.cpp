// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/codec/jpeg/baseline_rows.h"

#include <algorithm>

namespace pinfeed::image::jpeg {

void BaselineRows::begin(const RecordInfo& info, std::span<const ScanComponent> components,
                         std::span<const std::byte> data, int restart, RecordWriter* writer) {
  info_ = info;
  count_ = components.size();
  std::copy(components.begin(), components.end(), components_.begin());
  const int wide = count_ == 1 ? 8 : 8 * info.max_h;  // a unit of one component is one block
  const int high = count_ == 1 ? 8 : 8 * info.max_v;
  units_wide_ = (info.size.width + wide - 1) / wide;
  units_high_ = (info.size.height + high - 1) / high;
  for (std::size_t i = 0; i < count_; ++i) {
    const auto blocks = static_cast<std::size_t>(2 * components_[i].h * components_[i].v) *
                            static_cast<std::size_t>(units_wide_) +
                        readable_blocks;
    if (rows_[i].size() < blocks * block_values) rows_[i].resize(blocks * block_values);
  }
  decoder_.emplace(data, std::span(components_.data(), count_), restart, data_);
  writer_ = writer;
  if (writer_ != nullptr) writer_->begin(info);
  next_ = 0;
  regular_ = true;
}

// The blocks of a row of minimum coded units.
std::int16_t* BaselineRows::units(std::size_t component, int row) {
  const auto blocks =
      static_cast<std::size_t>(components_[component].h * components_[component].v * units_wide_);
  return rows_[component].data() + static_cast<std::size_t>(row % 2) * blocks * block_values;
}

// Row after row of minimum coded units, so that a crop's rows of all planes are near each other.
void BaselineRows::write_units(int row) {
  for (std::size_t i = 0; i < count_; ++i) {
    const ScanComponent& component = components_[i];
    const int end = std::min(component.v, info_.planes[i].blocks_high - row * component.v);
    for (int y = 0; y < end; ++y) {
      const auto first = static_cast<std::size_t>(y * component.h * units_wide_) * block_values;
      writer_->add_row(static_cast<int>(i), units(i, row) + first);
    }
  }
}

bool BaselineRows::read_units() {
  std::array<std::int16_t*, 3> rows = {};
  for (std::size_t i = 0; i < count_; ++i) rows[i] = units(i, next_);
  regular_ = regular_ && decoder_->read_row(units_wide_, std::span(rows.data(), count_));
  if (!regular_) return false;
  if (writer_ != nullptr) write_units(next_);
  ++next_;
  return true;
}

const std::int16_t* BaselineRows::blocks(int plane, int row) {
  const auto i = static_cast<std::size_t>(plane);
  const ScanComponent& component = components_[i];
  while (next_ <= row / component.v) {
    if (!read_units()) return nullptr;
  }
  const int first = row % component.v * component.h * units_wide_;
  return units(i, row / component.v) + static_cast<std::size_t>(first) * block_values;
}

bool BaselineRows::finish() {
  while (next_ < units_high_) {
    if (!read_units()) return false;
  }
  return regular_ && decoder_->ends();
}

}  // namespace pinfeed::image::jpeg

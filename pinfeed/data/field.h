// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace pinfeed {

/// The fields of a sample. Each step declares which of them it needs, updates and creates.
enum class Field : std::uint32_t {
  path = 1U << 0U,          // img_path
  instances = 1U << 1U,     // the annotations as the data set reads them
  image = 1U << 2U,         // image, img_shape, ori_shape
  boxes = 1U << 3U,         // gt_bboxes
  labels = 1U << 4U,        // gt_bboxes_labels
  ignore_flags = 1U << 5U,  // gt_ignore_flags
  masks = 1U << 6U,         // gt_masks
  seg_map = 1U << 7U,       // gt_seg_map
  gt_label = 1U << 8U,      // the class of the whole image
  packed = 1U << 9U,        // what the collate function gets
};

/// A set of fields.
class Fields {
 public:
  constexpr Fields() = default;
  constexpr Fields(Field field)
      : bits_(static_cast<std::uint32_t>(field)) {}  // NOLINT: implicit, a set of one
  constexpr Fields operator|(Fields other) const { return Fields(bits_ | other.bits_); }
  constexpr Fields operator&(Fields other) const { return Fields(bits_ & other.bits_); }
  constexpr Fields& operator|=(Fields other) { return *this = *this | other; }
  /// The fields of this set that are not in `other`.
  constexpr Fields without(Fields other) const { return Fields(bits_ & ~other.bits_); }
  constexpr bool has(Field field) const { return (bits_ & static_cast<std::uint32_t>(field)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool operator==(const Fields&) const = default;

 private:
  constexpr explicit Fields(std::uint32_t bits) : bits_(bits) {}
  std::uint32_t bits_ = 0;
};
constexpr Fields operator|(Field a, Field b) { return Fields(a) | Fields(b); }

/// The fields that a step needs, changes if they are present, and creates.
struct FieldUse {
  Fields needs = {};
  Fields updates = {};
  Fields creates = {};
  bool earlier_samples = false;  // reads earlier samples of its rank's order
};

/// Upstream's names of the fields, for errors: "gt_bboxes, gt_bboxes_labels".
std::string names_of(Fields fields);

}  // namespace pinfeed

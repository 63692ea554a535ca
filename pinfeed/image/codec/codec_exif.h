// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace pinfeed::image {

/// The orientation in an EXIF block (a TIFF directory) as two libraries read it. They agree unless
/// the block is unusual or damaged.
struct ExifOrientation {
  /// OpenCV's, 1..8 (docs/specs/decisions.md, 17); empty if the block has none.
  std::optional<int> opencv = {};
  /// Pillow's, 1..8; empty if the block has none.
  std::optional<int> pillow = {};
  /// Pillow refuses the block, or reads a value in a way that is not reproduced.
  bool unknown_to_pillow = false;
};

ExifOrientation exif_orientations(std::span<const std::byte> tiff);

/// The orientation in an XMP text, which Pillow takes where EXIF has none; empty without one.
std::optional<int> xmp_orientation(std::span<const std::byte> xmp);

/// Collects what the metadata of a file says about its orientation.
class OrientationNotes {
 public:
  /// Call it for each EXIF block in the order of the file.
  void add_exif(std::span<const std::byte> tiff);
  void add_xmp(std::span<const std::byte> xmp);
  /// Pillow refuses the file, or takes its orientation from data that are not read here.
  void set_unknown_to_pillow() { unknown_to_pillow_ = true; }

  bool has_exif() const { return blocks_ > 0; }
  /// 1..8: the first that a block has.
  int opencv() const { return opencv_.value_or(1); }
  /// 1..8, or 0 if it is not reproduced.
  int pillow() const;

 private:
  int blocks_ = 0;
  std::optional<int> opencv_ = {};
  std::optional<int> pillow_ = {};
  std::optional<int> xmp_ = {};
  bool turns_ = false;  // a block asks for another orientation than 1
  bool unknown_to_pillow_ = false;
};

}  // namespace pinfeed::image

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "pinfeed/core/arena.h"
#include "pinfeed/core/file_descriptor.h"
#include "pinfeed/image/draw/outline.h"

namespace pinfeed {

/// Where an annotation's segmentation stands in its file. No bytes: there is none.
struct SegmentationSpan {
  std::uint64_t start = 0;
  std::uint32_t bytes = 0;
};

/// An open annotation file out of which segmentations are read when they are used, so that they
/// take no memory before. Safe from any thread.
class SegmentationFile {
 public:
  /// Throws Error(data) when it cannot be opened.
  explicit SegmentationFile(std::string path);
  SegmentationFile(const SegmentationFile&) = delete;
  SegmentationFile& operator=(const SegmentationFile&) = delete;

  const std::string& path() const { return path_; }
  /// The text at this place, in the arena. Throws Error(data) when the file has become shorter.
  std::string_view read(const SegmentationSpan& place, Arena& arena) const;

 private:
  std::string path_;
  FileDescriptor file_;
};

/// A segmentation as COCO writes it. Upstream marks an object whose segmentation makes no sense as
/// ignored, and gives it an empty mask.
struct Segmentation {
  image::Outline outline = {};
  bool is_polygon = false;
  bool valid = false;
  bool odd = false;  // something of it makes no sense
};

/// A triangle without area: what upstream puts in the place of what makes no sense.
image::Outline empty_outline(Size size, Arena& arena);

/// Reads the JSON of one: a list of polygons, of which those with an even number of at least 6
/// coordinates count, or run lengths. `size` is the image's. Throws Error(data) for numbers that
/// are none or beyond image::outline_reach, and for run lengths of another size.
Segmentation read_segmentation(std::string_view json, Size size, Arena& arena);

}  // namespace pinfeed

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

/// The byte range of an annotation's segmentation in its file. `bytes` is 0 without a segmentation.
struct SegmentationSpan {
  std::uint64_t start = 0;
  std::uint32_t bytes = 0;
};

/// An open annotation file, from which a segmentation is read when it is used. Safe from any
/// thread.
class SegmentationFile {
 public:
  /// Throws Error(data or system) when it cannot be opened.
  explicit SegmentationFile(std::string path);
  SegmentationFile(const SegmentationFile&) = delete;
  SegmentationFile& operator=(const SegmentationFile&) = delete;

  const std::string& path() const { return path_; }
  /// The text of the span, in the arena. Throws Error(data) when the file has become shorter.
  std::string_view read(const SegmentationSpan& span, Arena& arena) const;

 private:
  std::string path_;
  FileDescriptor file_;
};

/// A segmentation in COCO's format. Upstream marks an object with an invalid segmentation as
/// ignored and gives it an empty mask.
struct Segmentation {
  image::Outline outline = {};
  bool is_polygon = false;
  bool valid = false;
  bool odd = false;  // a part of it, or all of it, is not valid
};

/// A triangle without area, which upstream uses in place of an invalid segmentation.
image::Outline empty_outline(Size size, Arena& arena);

/// Parses the JSON of a segmentation: run lengths, or a list of polygons, of which those with an
/// even number of at least 6 coordinates are used. `size` is the size of the image. Throws
/// Error(data) for coordinates that are not numbers or beyond image::outline_reach, and for run
/// lengths of another size.
Segmentation read_segmentation(std::string_view json, Size size, Arena& arena);

/// Parses the JSON of a segmentation as an evaluation reads it, which uses all of it: run lengths
/// of any size, or a list of polygons; if its first entry has four numbers, all are boxes (x, y,
/// width, height). `size` is the size of the image, for polygons. Throws Error(data) for anything
/// else.
image::Outline read_evaluated_segmentation(std::string_view json, Size size, Arena& arena);

}  // namespace pinfeed

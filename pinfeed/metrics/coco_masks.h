// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "pinfeed/annotations/coco_file.h"
#include "pinfeed/image/draw/mask_spans.h"

namespace pinfeed {

/// Gives a mask by its index. Safe from any thread.
using MaskReader = std::function<image::MaskSpans(std::size_t index)>;

/// The masks of the annotations of `truth`, which must outlive the reader. They are read from the
/// file when they are used. Throws Error(data) for an annotation of its images and categories that
/// has no segmentation; reading throws it for one that is not valid, naming the annotation, and for
/// polygons on an image without width and height.
MaskReader truth_masks(const CocoFile& truth);

/// The same for annotations from several files, `files`, one for each annotation. The files must
/// outlive the reader.
MaskReader truth_masks(const CocoFile& truth, std::vector<const SegmentationFile*> files);

/// The masks of `results`, which must outlive the reader, as `truth`. A detection without a mask
/// has that of its box.
MaskReader result_masks(const CocoResults& results, const CocoFile& truth);

/// Masks in COCO's compressed form, one behind the other.
class MaskStore {
 public:
  void add(const RunMask& mask);
  void clear();
  std::size_t size() const { return masks_.size(); }
  image::MaskSpans at(std::size_t index) const;
  Size size_of(std::size_t index) const { return masks_[index].size; }
  /// The compressed run lengths of one mask.
  std::string_view counts(std::size_t index) const;

 private:
  struct Stored {
    Size size = {};
    std::uint64_t start = 0;  // in texts_
    std::uint32_t bytes = 0;
  };
  std::vector<Stored> masks_ = {};
  std::string texts_ = {};
};

}  // namespace pinfeed

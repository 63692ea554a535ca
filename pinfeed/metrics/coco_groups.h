// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "pinfeed/annotations/coco_file.h"

namespace pinfeed {

/// The ground truths and detections of one image and category: a part of CocoGroups::truths and
/// one of CocoGroups::detections.
struct CocoGroup {
  std::uint32_t category = 0;  // position in CocoGroups::categories
  std::uint32_t image = 0;     // position among the image ids, ascending
  std::uint32_t first_truth = 0;
  std::uint32_t truths = 0;
  std::uint32_t first_detection = 0;
  std::uint32_t detections = 0;
};

/// Which rows are compared with which. Groups are sorted by category, then image. The rows of a
/// group keep the order of their files. Those of unknown categories or images are in no group.
struct CocoGroups {
  std::vector<CocoCategory> categories = {};  // by id, ascending
  std::vector<CocoGroup> groups = {};
  std::vector<std::uint32_t> truths = {};      // indices of truth.annotations
  std::vector<std::uint32_t> detections = {};  // indices of the detections
};

enum class Pooling {
  none,       // each category on its own
  categories  // as useCats=0 of pycocotools: all as one category, their rows sorted by category id
};

/// Throws Error(data) for a detection of an image that `truth` does not have; the message calls the
/// detections `results`.
CocoGroups group_rows(const CocoFile& truth, std::span<const CocoDetection> detections,
                      Pooling pooling, const std::string& results);

}  // namespace pinfeed

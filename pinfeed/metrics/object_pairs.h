// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "pinfeed/annotations/coco_file.h"

namespace pinfeed {

/// A ground truth and the detection that found it, of any class. One of them is absent for an
/// object that was missed, and for a detection where there is no object.
struct ObjectPair {
  std::optional<std::uint32_t> truth = {};      // index of CocoFile::annotations
  std::optional<std::uint32_t> detection = {};  // index of the detections
};

/// The pairs of one image, those with a detection first, by falling score.
struct ImagePairs {
  std::int64_t image_id = 0;
  std::vector<ObjectPair> pairs = {};
};

struct PairRule {
  double iou = 0.5;    // of a pair, at least
  double score = 0.3;  // of a detection that counts, at least
};

/// Pairs the boxes of each image of `truth`, in the order of the file: detections, by falling
/// score, take the free ground truth with the largest IoU, whatever its class. Crowds are no ground
/// truths, and a detection that covers no free one and lies in a crowd does not count. Detections
/// of other images are left out.
std::vector<ImagePairs> pair_objects(const CocoFile& truth,
                                     std::span<const CocoDetection> detections,
                                     const PairRule& rule);

/// How often objects of a class were found as one of another class. The last row has the detections
/// without an object, the last column the objects that were missed.
struct ConfusionMatrix {
  std::vector<CocoCategory> categories = {};  // those of the file
  std::vector<std::int64_t> counts = {};      // (n + 1) x (n + 1): ground truth x detection

  std::size_t side() const { return categories.size() + 1; }
  std::int64_t& at(std::size_t truth, std::size_t detection) {
    return counts[truth * side() + detection];
  }
  std::int64_t at(std::size_t truth, std::size_t detection) const {
    return counts[truth * side() + detection];
  }
};

/// Pairs with an object or a detection of a category that `truth` does not have are left out.
ConfusionMatrix confusion_matrix(const CocoFile& truth, std::span<const CocoDetection> detections,
                                 std::span<const ImagePairs> images);

}  // namespace pinfeed

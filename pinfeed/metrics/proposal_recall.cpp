// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.8.
//
// Truths and proposals of an image are paired greedily: the pair with the largest IoU of all that
// are left, again and again. Each truth remembers its best proposal and looks for another one only
// when that is taken.
#include "pinfeed/metrics/proposal_recall.h"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <vector>

#include "pinfeed/core/geometry.h"
#include "pinfeed/metrics/coco_match.h"
#include "pinfeed/metrics/float_iou.h"
#include "pinfeed/metrics/pairwise_mean.h"

namespace pinfeed {
namespace {

struct ImageBoxes {
  std::vector<Box> truths = {};
  std::vector<Box> proposals = {};
};

Box corners_of(double x, double y, double width, double height) {
  return {static_cast<float>(x), static_cast<float>(y), static_cast<float>(x + width),
          static_cast<float>(y + height)};
}

std::vector<ImageBoxes> boxes_by_image(const CocoFile& truth,
                                       std::span<const CocoDetection> detections) {
  std::unordered_map<std::int64_t, std::size_t> positions;
  for (const CocoImage& image : truth.images) positions.emplace(image.id, positions.size());
  std::vector<ImageBoxes> images(positions.size());
  for (const CocoAnnotation& one : truth.annotations) {
    const auto image = positions.find(one.image_id);
    if (image == positions.end() || one.crowd || one.ignore) continue;
    images[image->second].truths.push_back(corners_of(one.x, one.y, one.width, one.height));
  }
  for (const CocoDetection& one : detections) {
    const auto image = positions.find(one.image_id);
    if (image == positions.end()) continue;
    images[image->second].proposals.push_back(corners_of(one.x, one.y, one.width, one.height));
  }
  return images;
}

// The pairs of one image.
class Pairing {
 public:
  Pairing(const ImageBoxes& image, std::size_t proposals)
      : count_(std::min(proposals, image.proposals.size())), best_(image.truths.size()) {
    for (const Box& truth : image.truths) {
      for (std::size_t i = 0; i < count_; ++i) {
        ious_.push_back(float_iou(truth, image.proposals[i], 0.0F));
      }
    }
    for (std::size_t truth = 0; truth < best_.size(); ++truth) find_best(truth);
  }

  // Appends the IoU of each truth's pair; 0 for truths of an image without proposals.
  void append_ious(std::vector<float>& ious) {
    for (std::size_t pair = 0; pair < best_.size(); ++pair) {
      if (count_ == 0) {
        ious.push_back(0.0F);
        continue;
      }
      const auto largest = std::max_element(
          best_.begin(), best_.end(), [](const Best& a, const Best& b) { return a.iou < b.iou; });
      const std::size_t taken = largest->proposal;
      ious.push_back(largest->iou);
      *largest = {.iou = paired, .proposal = none};
      for (std::size_t truth = 0; truth < best_.size(); ++truth) {
        ious_[truth * count_ + taken] = -1.0F;
        if (best_[truth].proposal == taken) find_best(truth);
      }
    }
  }

 private:
  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
  static constexpr float paired = -2.0F;
  struct Best {
    float iou = 0.0F;
    std::size_t proposal = none;
  };

  void find_best(std::size_t truth) {
    if (count_ == 0) return;
    const auto begin = ious_.begin() + static_cast<std::ptrdiff_t>(truth * count_);
    const auto largest = std::max_element(begin, begin + static_cast<std::ptrdiff_t>(count_));
    best_[truth] = {*largest, static_cast<std::size_t>(largest - begin)};
  }

  std::size_t count_;
  std::vector<float> ious_ = {};  // truths x proposals; -1 where one of both is taken
  std::vector<Best> best_;
};

double mean_recall(const std::vector<float>& ious) {
  std::array<double, iou_thresholds> recalls = {};
  const auto thresholds = iou_threshold_values();
  for (std::size_t t = 0; t < iou_thresholds; ++t) {
    const auto threshold = static_cast<float>(thresholds[t]);
    const auto found =
        std::count_if(ious.begin(), ious.end(), [&](float iou) { return iou >= threshold; });
    recalls[t] = static_cast<double>(found) / static_cast<double>(ious.size());
  }
  return pairwise_mean(recalls);
}

}  // namespace

std::array<double, 3> proposal_recall(const CocoFile& truth,
                                      std::span<const CocoDetection> detections,
                                      const MaxDetections& proposals) {
  const std::vector<ImageBoxes> images = boxes_by_image(truth, detections);
  std::array<double, 3> recalls = {};
  for (std::size_t i = 0; i < recalls.size(); ++i) {
    std::vector<float> ious;
    for (const ImageBoxes& image : images) {
      Pairing(image, static_cast<std::size_t>(proposals[i])).append_ious(ious);
    }
    recalls[i] = mean_recall(ious);
  }
  return recalls;
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/metrics/object_pairs.h"

#include <algorithm>
#include <unordered_map>

#include "pinfeed/metrics/coco_match.h"

namespace pinfeed {
namespace {

// The rows of one image, as indices.
struct ImageRows {
  std::vector<std::uint32_t> truths = {};
  std::vector<std::uint32_t> crowds = {};
  std::vector<std::uint32_t> detections = {};
};

using RowsOfImages = std::unordered_map<std::int64_t, ImageRows>;

RowsOfImages rows_of_images(const CocoFile& truth, std::span<const CocoDetection> detections,
                            double score) {
  RowsOfImages images;
  for (const CocoImage& image : truth.images) images[image.id] = {};
  for (std::uint32_t i = 0; i < truth.annotations.size(); ++i) {
    const CocoAnnotation& one = truth.annotations[i];
    const auto image = images.find(one.image_id);
    if (image == images.end()) continue;
    (one.crowd ? image->second.crowds : image->second.truths).push_back(i);
  }
  for (std::uint32_t i = 0; i < detections.size(); ++i) {
    const auto image = images.find(detections[i].image_id);
    if (image != images.end() && detections[i].score >= score)
      image->second.detections.push_back(i);
  }
  return images;
}

class ObjectPairing {
 public:
  ObjectPairing(const CocoFile& truth, std::span<const CocoDetection> detections, double iou)
      : truth_(&truth), detections_(detections), iou_(iou) {}

  std::vector<ObjectPair> pairs_of(ImageRows rows) const {
    std::stable_sort(rows.detections.begin(), rows.detections.end(),
                     [&](std::uint32_t a, std::uint32_t b) {
                       return detections_[a].score > detections_[b].score;
                     });
    std::vector<ObjectPair> pairs;
    for (const std::uint32_t detection : rows.detections) {
      const auto found = best_of(rows.truths, detection);
      if (found != rows.truths.end()) {
        pairs.push_back({*found, detection});
        rows.truths.erase(found);
      } else if (!lies_in(rows.crowds, detection)) {
        pairs.push_back({std::nullopt, detection});
      }
    }
    for (const std::uint32_t missed : rows.truths) pairs.push_back({missed, std::nullopt});
    return pairs;
  }

 private:
  double iou(std::uint32_t truth, std::uint32_t detection) const {
    const CocoAnnotation& one = truth_->annotations[truth];
    return box_iou(box_of(detections_[detection]), box_of(one), one.crowd);
  }

  std::vector<std::uint32_t>::iterator best_of(std::vector<std::uint32_t>& truths,
                                               std::uint32_t detection) const {
    auto best = truths.end();
    double most = 0.0;
    for (auto one = truths.begin(); one != truths.end(); ++one) {
      const double value = iou(*one, detection);
      if (value < iou_ || value <= most) continue;
      most = value;
      best = one;
    }
    return best;
  }

  bool lies_in(const std::vector<std::uint32_t>& crowds, std::uint32_t detection) const {
    return std::any_of(crowds.begin(), crowds.end(),
                       [&](std::uint32_t crowd) { return iou(crowd, detection) >= iou_; });
  }

  const CocoFile* truth_;
  std::span<const CocoDetection> detections_;
  double iou_;
};

}  // namespace

std::vector<ImagePairs> pair_objects(const CocoFile& truth,
                                     std::span<const CocoDetection> detections,
                                     const PairRule& rule) {
  RowsOfImages rows = rows_of_images(truth, detections, rule.score);
  const ObjectPairing pairing(truth, detections, rule.iou);
  std::vector<ImagePairs> images;
  for (const CocoImage& image : truth.images)
    images.push_back({image.id, pairing.pairs_of(std::move(rows[image.id]))});
  return images;
}

ConfusionMatrix confusion_matrix(const CocoFile& truth, std::span<const CocoDetection> detections,
                                 std::span<const ImagePairs> images) {
  ConfusionMatrix matrix{.categories = truth.categories};
  const std::size_t background = truth.categories.size();
  matrix.counts.resize(matrix.side() * matrix.side());
  std::unordered_map<std::int64_t, std::size_t> positions;
  for (std::size_t i = 0; i < background; ++i) positions[truth.categories[i].id] = i;
  const auto position = [&](std::int64_t category) {
    const auto known = positions.find(category);
    return known == positions.end() ? std::nullopt : std::optional(known->second);
  };
  for (const ImagePairs& image : images) {
    for (const ObjectPair& pair : image.pairs) {
      const auto row =
          pair.truth ? position(truth.annotations[*pair.truth].category_id) : background;
      const auto column =
          pair.detection ? position(detections[*pair.detection].category_id) : background;
      if (row && column) ++matrix.at(*row, *column);
    }
  }
  return matrix;
}

}  // namespace pinfeed

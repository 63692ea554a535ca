// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/metrics/object_pairs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinfeed::test {
namespace {

using testing::ElementsAre;

CocoAnnotation object(std::int64_t image, std::int64_t category, double x, bool crowd = false) {
  return {.image_id = image,
          .category_id = category,
          .x = x,
          .width = 10,
          .height = 10,
          .area = 100,
          .crowd = crowd};
}

CocoFile file_of(std::vector<CocoAnnotation> annotations) {
  CocoFile file{.categories = {{1, "cat"}, {2, "dog"}}};
  for (const std::int64_t id : {1, 2}) file.images.push_back({.id = id});
  file.annotations = std::move(annotations);
  return file;
}

std::vector<std::int64_t> matrix_of(const CocoFile& truth,
                                    const std::vector<CocoDetection>& detections) {
  return confusion_matrix(truth, detections, pair_objects(truth, detections, {})).counts;
}

// Rows and columns: cat, dog, background.
TEST(ObjectPairs, CountWhatEachObjectWasFoundAs) {
  const CocoFile truth = file_of(
      {object(1, 1, 0), object(1, 1, 50), object(1, 2, 100), object(2, 2, 0), object(2, 9, 200)});
  const std::vector<CocoDetection> detections = {
      {1, 1, 1, 0, 10, 10, 0.9},    // a cat
      {1, 2, 51, 0, 10, 10, 0.8},   // a dog where a cat is
      {1, 1, 160, 0, 10, 10, 0.7},  // a cat where nothing is
      {1, 2, 104, 0, 10, 10, 0.9},  // IoU 6 / 14: too little for the dog
      {2, 2, 0, 0, 10, 10, 0.25},   // below the least score
      {7, 1, 0, 0, 10, 10, 0.9}};   // an image that the file does not have
  EXPECT_THAT(matrix_of(truth, detections), ElementsAre(1, 1, 0,  //
                                                        0, 0, 2,  //
                                                        1, 1, 0));
}

TEST(ObjectPairs, GiveAnObjectToTheDetectionWithTheHighestScore) {
  const CocoFile truth = file_of({object(1, 1, 0)});
  const std::vector<CocoDetection> detections = {{1, 1, 0, 0, 10, 10, 0.5},
                                                 {1, 2, 2, 0, 10, 10, 0.6}};
  EXPECT_THAT(matrix_of(truth, detections), ElementsAre(0, 1, 0, 0, 0, 0, 1, 0, 0));
}

TEST(ObjectPairs, GiveADetectionTheObjectWithTheLargestIou) {
  const CocoFile truth = file_of({object(1, 1, 0), object(1, 2, 4)});
  const std::vector<CocoDetection> detections = {{1, 2, 3, 0, 10, 10, 0.6}};
  EXPECT_THAT(matrix_of(truth, detections), ElementsAre(0, 0, 1, 0, 1, 0, 0, 0, 0));
}

TEST(ObjectPairs, IgnoreDetectionsInACrowd) {
  const CocoFile truth = file_of({object(1, 1, 0, true)});
  const std::vector<CocoDetection> detections = {{1, 2, 2, 2, 3, 3, 0.9}, {1, 1, 30, 2, 3, 3, 0.9}};
  EXPECT_THAT(matrix_of(truth, detections), ElementsAre(0, 0, 0, 0, 0, 0, 1, 0, 0));
}

}  // namespace
}  // namespace pinfeed::test

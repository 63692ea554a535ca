// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/loop/detection_bytes.h"

#include <gtest/gtest.h>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

StoredDetections two_detections() {
  return {.image_id = 7,
          .boxes = {{0.5F, 1.0F, 2.0F, 3.0F}, {1.0F, 1.0F, 4.0F, 4.0F}},
          .scores = {0.75F, 0.25F},
          .labels = {3, 0},
          .masks = {{.size = {4, 3}, .runs = {2, 10}}, {.size = {4, 3}, .runs = {12}}}};
}

TEST(DetectionBytes, AreTakenAsTheyWereAppended) {
  std::string bytes;
  append_detections(bytes, two_detections().view());
  append_detections(bytes, StoredDetections{.image_id = 8}.view());
  std::string_view rest = bytes;
  const StoredDetections first = take_detections(rest);
  EXPECT_EQ(first.image_id, 7);
  EXPECT_EQ(first.boxes[1].x2, 4.0F);
  EXPECT_EQ(first.scores, two_detections().scores);
  EXPECT_EQ(first.labels, two_detections().labels);
  EXPECT_EQ(first.masks[0].runs, two_detections().masks[0].runs);
  EXPECT_EQ(first.masks[1].size, (Size{4, 3}));
  const StoredDetections second = take_detections(rest);
  EXPECT_EQ(second.image_id, 8);
  EXPECT_TRUE(second.boxes.empty());
  EXPECT_TRUE(rest.empty());
}

TEST(DetectionBytes, ThatEndEarlyAreABug) {
  std::string bytes;
  append_detections(bytes, two_detections().view());
  for (const std::size_t length : {std::size_t{0}, std::size_t{9}, bytes.size() - 1}) {
    std::string_view cut = std::string_view(bytes).substr(0, length);
    EXPECT_THROW((void)take_detections(cut), Error) << length;
  }
}

}  // namespace
}  // namespace pinfeed

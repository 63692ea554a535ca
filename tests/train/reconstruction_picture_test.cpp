// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/run/reconstruction_picture.h"

#include <gtest/gtest.h>

namespace pinfeed {
namespace {

TEST(PictureOf, UndoesThePreprocessing) {
  const Preprocessing preprocessing = {
      .reverse_channels = true, .mean = {10.0F, 20.0F, 30.0F}, .std = {2.0F, 2.0F, 2.0F}};
  const torch::Tensor dark = torch::zeros({1, 3, 128, 128});
  const torch::Tensor light = torch::full({1, 3, 128, 128}, 500.0);
  const image::Image picture = picture_of({dark, light, dark}, preprocessing);
  EXPECT_EQ(picture.width(), 3 * (128 + 4) + 4);
  EXPECT_EQ(picture.height(), 128 + 2 * 4);
  EXPECT_EQ(*picture.at(0, 0), 255) << "a white line";
  EXPECT_EQ(picture.at(4, 4)[0], 30) << "blue comes first";
  EXPECT_EQ(picture.at(131, 131)[2], 10);
  EXPECT_EQ(*picture.at(60, 136), 255);
  EXPECT_EQ(*picture.at(60, 268), 30);
}

TEST(PictureOf, EnlargesSmallImages) {
  const image::Image picture = picture_of({torch::zeros({2, 3, 32, 32})}, {});
  EXPECT_EQ(picture.width(), 128 + 8);
  EXPECT_EQ(picture.height(), 2 * (128 + 4) + 4);
}

}  // namespace
}  // namespace pinfeed

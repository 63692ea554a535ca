// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/transforms/list.h"

#include <gmock/gmock.h>

#include "pinfeed/image/expression/render.h"
#include "transform_steps.h"

namespace pinfeed {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using ResizeTest = Transforms;
using RandomResizeTest = Transforms;
using RandomFlipTest = Transforms;
using RandomCropTest = Transforms;
using FilterTest = Transforms;
using PadTest = Transforms;
using NormalizeTest = Transforms;

TEST_F(ResizeTest, StretchesToTheSize) {
  Sample one = sample({100, 80}, {{10, 20, 30, 100}});
  apply_step("dict(type='Resize', scale=(50, 160))", one);
  EXPECT_EQ(one.image.size(), (Size{50, 160}));
  EXPECT_EQ(one.img_shape, (Size{50, 160}));
  EXPECT_EQ(one.ori_shape, (Size{100, 80}));
  EXPECT_EQ(*one.scale_factor, std::make_pair(0.5, 2.0));
  EXPECT_THAT(one.boxes, ElementsAre(Box{5, 40, 15, 160}));  // clipped to the image
}

TEST_F(ResizeTest, KeepsTheAspectRatioInsideTheScaleInEitherOrientation) {
  for (const char* scale : {"(1333, 800)", "(800, 1333)"}) {
    Sample one = sample({640, 427});
    apply_step("dict(type='Resize', keep_ratio=True, scale=" + std::string(scale) + ")", one);
    EXPECT_EQ(one.image.size(), (Size{1199, 800}));
    EXPECT_EQ(one.scale_factor->first, 1199.0 / 640);
    EXPECT_EQ(one.scale_factor->second, 800.0 / 427);
  }
}

TEST_F(ResizeTest, AcceptsOneNumberAndFactors) {
  Sample one = sample();
  apply_step("dict(type='Resize', scale=64)", one);
  EXPECT_EQ(one.image.size(), (Size{64, 64}));
  apply_step("dict(type='Resize', scale_factor=0.5)", one);
  EXPECT_EQ(one.image.size(), (Size{32, 32}));
  apply_step("dict(type='Resize', scale_factor=(2.0, 0.26))", one);
  EXPECT_EQ(one.image.size(), (Size{64, 8}));
}

TEST_F(ResizeTest, ClipsBoxesUnlessDisabled) {
  Sample one = sample({100, 80}, {{-10, 0, 120, 80}});
  apply_step("dict(type='Resize', scale=(50, 40), clip_object_border=False)", one);
  EXPECT_THAT(one.boxes, ElementsAre(Box{-5, 0, 60, 40}));
}

TEST_F(ResizeTest, RejectsUnsupportedOptions) {
  EXPECT_EQ(refusal("dict(type='Resize')"),
            "error: one of the keys 'scale' and 'scale_factor' is required");
  EXPECT_EQ(refusal("dict(type='Resize', scale=(2, 2), backend='PIL')"),
            "error: backend must be 'cv2' or 'pillow', not str 'PIL'");
  EXPECT_EQ(refusal("dict(type='Resize', scale=(2, 2), interpolation='hamming')"),
            "error: the interpolation 'hamming' of backend 'cv2' is not reproduced");
  Sample one = sample({1000, 3});
  EXPECT_EQ(
      failure([&] { apply_step("dict(type='Resize', scale=(100, 3), keep_ratio=True)", one); }),
      "error: cannot resize an image of 1000x3 to 100x0: no pixel is left\n");
}

TEST_F(RandomResizeTest, SamplesOneRatioForASize) {
  Sample one = sample();
  apply_step("dict(type='RandomResize', scale=(200, 160), ratio_range=(0.1, 2.0))", one);
  const double ratio = 0.5488135039273248 * 1.9 + 0.1;
  EXPECT_EQ(one.image.size(), (Size{static_cast<int>(200 * ratio), static_cast<int>(160 * ratio)}));
  WorkerStream stream(0);
  NumpyRandom numpy(stream.numpy);
  numpy.random_sample();
  EXPECT_EQ(next_double, numpy.random_sample());
}

TEST_F(RandomResizeTest, SamplesBetweenTwoSizes) {
  Sample one = sample();
  apply_step("dict(type='RandomResize', scale=[(90, 20), (50, 70)])", one);
  WorkerStream stream(0);
  NumpyRandom numpy(stream.numpy);
  const auto width = static_cast<int>(numpy.randint(50, 91));
  const auto height = static_cast<int>(numpy.randint(20, 71));
  EXPECT_EQ(one.image.size(), (Size{width, height}));
}

TEST_F(RandomResizeTest, RequiresARatioRange) {
  EXPECT_EQ(refusal("dict(type='RandomResize', scale=(2, 2))"),
            "error: RandomResize with one scale needs the key 'ratio_range'");
}

TEST_F(RandomFlipTest, FlipsTheBoxes) {
  const auto flipped = [&](const std::string& direction) {
    Sample one = sample({100, 80}, {{10, 20, 30, 50}});
    apply_step("dict(type='RandomFlip', prob=1.0, direction='" + direction + "')", one);
    return one.boxes[0];
  };
  EXPECT_EQ(flipped("horizontal"), (Box{70, 20, 90, 50}));
  EXPECT_EQ(flipped("vertical"), (Box{10, 30, 30, 60}));
  EXPECT_EQ(flipped("diagonal"), (Box{70, 30, 90, 60}));
}

TEST_F(RandomFlipTest, AlwaysUsesOneRandomDouble) {
  for (const char* prob : {"0.0", "1.0"}) {
    Sample one = sample();
    apply_step("dict(type='RandomFlip', prob=" + std::string(prob) + ")", one);
    WorkerStream stream(0);
    NumpyRandom numpy(stream.numpy);
    numpy.random_sample();
    EXPECT_EQ(next_double, numpy.random_sample());
    EXPECT_TRUE(one.flip_known);
  }
}

TEST_F(RandomFlipTest, ChoosesDirectionsByTheirProbabilities) {
  // Seed 0 gives 0.5488, which is in the third interval: [0.5, 0.7).
  Sample one = sample();
  apply_step(
      "dict(type='RandomFlip', prob=[0.3, 0.2, 0.2], "
      "direction=['horizontal', 'vertical', 'diagonal'])",
      one);
  EXPECT_EQ(one.flip, image::FlipDirection::diagonal);
  apply_step("dict(type='RandomFlip', prob=0.9, direction=['horizontal', 'vertical'])", one);
  EXPECT_EQ(one.flip, image::FlipDirection::vertical);
  apply_step("dict(type='RandomFlip', prob=0.5)", one);
  EXPECT_FALSE(one.flip.has_value());
}

TEST_F(RandomFlipTest, ChecksItsProbabilities) {
  EXPECT_EQ(refusal("dict(type='RandomFlip')"), "error: RandomFlip needs the key 'prob'");
  EXPECT_EQ(refusal("dict(type='RandomFlip', prob=None)"),
            "error: prob must be float or list of float, not None");
  EXPECT_EQ(refusal("dict(type='RandomFlip', prob=[0.5], direction=['horizontal', 'vertical'])"),
            "error: prob has 1 numbers for 2 directions");
  EXPECT_EQ(refusal("dict(type='RandomFlip', prob=1)"),
            "error: prob must be float or list of float, not int 1");
  EXPECT_EQ(refusal("dict(type='RandomFlip', prob=[0, 0.5], direction=['horizontal', 'vertical'])"),
            "error: prob must be float or list of float, not list [0, 0.5]");
  EXPECT_EQ(refusal("dict(type='RandomFlip', prob=1.5)"),
            "error: the probabilities and their sum must be in [0, 1]");
  EXPECT_EQ(
      refusal("dict(type='RandomFlip', prob=[0.7, 0.6], direction=['horizontal', 'vertical'])"),
      "error: the probabilities and their sum must be in [0, 1]");
  EXPECT_THAT(refusal("dict(type='RandomFlip', prob=0.5, direction='up')"),
              HasSubstr("error: direction must be 'horizontal' or 'vertical' or 'diagonal'"));
}

TEST_F(RandomCropTest, SamplesTheOffsetsOfUpstream) {
  Sample one = sample({80, 60}, {{0, 12, 10, 20}});
  apply_step("dict(type='RandomCrop', crop_size=(40, 30))", one);
  EXPECT_EQ(one.image.size(), (Size{40, 30}));
  EXPECT_THAT(one.boxes, ElementsAre(Box{0, 0, 10, 8}));  // offsets: 12 down, 0 to the right
}

TEST_F(RandomCropTest, SamplesTheSizesOfUpstream) {
  Sample one = sample({80, 60});
  apply_step(
      "dict(type='RandomCrop', crop_size=(.5, .9), crop_type='relative_range', "
      "allow_negative_crop=True)",
      one);
  EXPECT_EQ(one.image.size(), (Size{78, 46}));
  Sample other = sample({80, 60});
  apply_step(
      "dict(type='RandomCrop', crop_size=(20, 50), crop_type='absolute_range', "
      "allow_negative_crop=True)",
      other);
  EXPECT_EQ(other.image.size(), (Size{35, 32}));
  Sample third = sample({80, 60});
  apply_step(
      "dict(type='RandomCrop', crop_size=(.5, .9), crop_type='relative', "
      "allow_negative_crop=True)",
      third);
  EXPECT_EQ(third.image.size(), (Size{40, 54}));
}

TEST_F(RandomCropTest, KeepsSmallerImagesWhole) {
  Sample one = sample({30, 20}, {{1, 1, 5, 5}});
  EXPECT_TRUE(
      apply_step("dict(type='RandomCrop', crop_size=(40, 10), allow_negative_crop=True)", one));
  EXPECT_EQ(one.img_shape, (Size{30, 10}));
}

TEST_F(RandomCropTest, DropsSamplesWithoutBoxes) {
  Sample one = sample({80, 60}, {{70, 50, 80, 60}});
  EXPECT_FALSE(apply_step("dict(type='RandomCrop', crop_size=(40, 30))", one));
  Sample none = sample({80, 60});
  EXPECT_FALSE(apply_step("dict(type='RandomCrop', crop_size=(80, 60))", none));
  EXPECT_TRUE(
      apply_step("dict(type='RandomCrop', crop_size=(80, 60), allow_negative_crop=True)", none));
  Sample bare = sample({80, 60});
  bare.fields = Field::image;
  EXPECT_TRUE(apply_step("dict(type='RandomCrop', crop_size=(40, 30))", bare));
}

TEST_F(RandomCropTest, RemovesTheLabelsOfRemovedBoxes) {
  Sample one = sample({80, 60}, {{70, 50, 80, 60}, {2, 14, 6, 20}});
  EXPECT_TRUE(
      apply_step("dict(type='RandomCrop', crop_size=(40, 30), bbox_clip_border=False)", one));
  EXPECT_THAT(one.labels, ElementsAre(1));
  EXPECT_EQ(one.ignore_flags.size(), 1U);
}

TEST_F(RandomCropTest, ChecksItsSize) {
  EXPECT_EQ(refusal("dict(type='RandomCrop', crop_size=(0.5, 0.5))"),
            "error: an absolute crop_size must be two whole numbers, at least 1");
  EXPECT_EQ(refusal("dict(type='RandomCrop', crop_size=(2, 2), crop_type='relative')"),
            "error: a relative crop_size must lie in (0, 1]");
  EXPECT_EQ(refusal("dict(type='RandomCrop', crop_size=(9, 2), crop_type='absolute_range')"),
            "error: crop_size of absolute_range must be (min, max) with min <= max");
}

TEST_F(FilterTest, KeepsObjectsLargerThanTheMinimum) {
  Sample one = sample({80, 60}, {{0, 0, 1, 5}, {0, 0, 1.5F, 5}, {0, 0, 5, 1}});
  EXPECT_TRUE(apply_step("dict(type='FilterAnnotations')", one));
  EXPECT_THAT(one.labels, ElementsAre(1));
}

TEST_F(FilterTest, InvertsKeepEmptyAsUpstream) {
  Sample one = sample({80, 60}, {{0, 0, 1, 1}});
  EXPECT_FALSE(apply_step("dict(type='FilterAnnotations', keep_empty=True)", one));
  Sample other = sample({80, 60}, {{0, 0, 1, 1}});
  EXPECT_TRUE(apply_step("dict(type='FilterAnnotations', keep_empty=False)", other));
  EXPECT_THAT(other.boxes, IsEmpty());
  Sample empty = sample();
  EXPECT_TRUE(apply_step("dict(type='FilterAnnotations', keep_empty=True)", empty));
}

TEST_F(PadTest, PadsToASizeADivisorOrASquare) {
  const auto padded = [&](const std::string& keys) {
    Sample one = sample({100, 80});
    apply_step("dict(type='Pad', " + keys + ")", one);
    EXPECT_EQ(one.img_shape, one.image.size());
    return one.image.size();
  };
  EXPECT_EQ(padded("size=(120, 90)"), (Size{120, 90}));
  EXPECT_EQ(padded("size=(60, 90)"), (Size{100, 90}));
  EXPECT_EQ(padded("size_divisor=32"), (Size{128, 96}));
  EXPECT_EQ(padded("pad_to_square=True"), (Size{100, 100}));
  EXPECT_EQ(padded("pad_to_square=True, size_divisor=32"), (Size{128, 128}));
}

TEST_F(PadTest, FillsTheFirstChannelOnlyForAFloat) {
  const auto corner = [&](const std::string& value) {
    Sample one = sample({1, 1});
    apply_step("dict(type='Pad', size=(2, 1), pad_val=" + value + ")", one);
    const image::Image image = image::render(one.image);
    const std::uint8_t* pixel = image.at(0, 1);
    return std::vector<int>{pixel[0], pixel[1], pixel[2]};
  };
  EXPECT_THAT(corner("114"), ElementsAre(114, 114, 114));
  EXPECT_THAT(corner("dict(img=114)"), ElementsAre(114, 114, 114));
  EXPECT_THAT(corner("dict(img=(1, 2, 3))"), ElementsAre(1, 2, 3));
  EXPECT_THAT(corner("dict(img=114.0)"), ElementsAre(114, 0, 0));
  EXPECT_THAT(corner("dict(seg=255)"), ElementsAre(0, 0, 0));
  EXPECT_EQ(
      refusal("dict(type='Pad', size=(2, 1), pad_val=114.0)"),
      "error: pad_val must be int, or dict(img=int or three numbers, seg=int, masks=int), not "
      "float 114.0");
}

TEST_F(PadTest, AcceptsOneKindOfPaddingOnly) {
  EXPECT_EQ(refusal("dict(type='Pad')"),
            "error: Pad needs the key 'size', 'size_divisor' or 'pad_to_square'");
  EXPECT_EQ(refusal("dict(type='Pad', size=(2, 2), size_divisor=2)"),
            "error: Pad takes one of 'size', 'size_divisor', 'pad_to_square'");
  EXPECT_EQ(refusal("dict(type='Pad', size_divisor=0)"),
            "error: size_divisor is 0; it must be at least 1");
}

TEST_F(NormalizeTest, ConvertsToFloatAndRecordsTheNormalization) {
  Sample one = sample();
  apply_step("dict(type='Normalize', mean=[1, 2, 3], std=[4, 5, 6], to_rgb=False)", one);
  EXPECT_EQ(one.image.dtype(), DType::float32);
  EXPECT_EQ(one.normalization->std[1], 5.0F);
  EXPECT_FALSE(one.normalization->to_rgb);
  EXPECT_EQ(refusal("dict(type='Normalize', mean=[1, 2, 3], std=[4, 0, 6])"),
            "error: std must not contain 0");
}

}  // namespace
}  // namespace pinfeed

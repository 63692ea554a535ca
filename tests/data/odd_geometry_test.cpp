// SPDX-License-Identifier: Apache-2.0
// Sizes and numbers at which steps used to leave the image. tests/pipelines chooses them at random.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "pinfeed/data/mask_moves.h"
#include "pinfeed/image/expression/render.h"
#include "transform_steps.h"

namespace pinfeed {
namespace {

class OddGeometry : public Transforms {
 protected:
  // A sample with real pixels, all of them 200.
  Sample bright(Size size, const std::vector<Box>& boxes) {
    images_.push_back(image::make_image(size));
    std::fill_n(images_.back().pixels.data(), images_.back().pixels.bytes(), std::byte{200});
    Sample made = sample(size, boxes);
    made.image = image::plain(images_.back().view(), arena);
    return made;
  }
  // The sum of all values of the sample's image.
  static std::int64_t sum_of(const Sample& sample) {
    const image::Image image = image::render(sample.image);
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < image.pixels.bytes(); ++i) {
      sum += std::to_integer<int>(image.pixels.data()[i]);
    }
    return sum;
  }
  std::string error_of(const std::string& text, Sample& to) {
    return failure([&] { apply_step(text, to); });
  }

  std::vector<image::Image> images_;
};

// A box that covers the image from far outside stays after any shift.
TEST_F(OddGeometry, AShiftOfMoreThanTheImageLeavesABlackImage) {
  int black = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Sample small = bright({3, 2}, {{-9000, -9000, 9000, 9000}});
    apply_step("dict(type='RandomShift', prob=1.0)", small, seed);
    ASSERT_EQ(small.image.size(), (Size{3, 2}));
    black += sum_of(small) == 0 ? 1 : 0;
  }
  EXPECT_GT(black, 100);
  Sample far = bright({3, 2}, {{-1e9F, -1e9F, 1e9F, 1e9F}});
  apply_step("dict(type='RandomShift', prob=1.0, max_shift_px=2147483647, filter_thr_px=-1)", far);
  EXPECT_EQ(sum_of(far), 0);
}

TEST_F(OddGeometry, ARandomResizedCropHasAtLeastOnePixel) {
  Sample narrow = bright({1, 50}, {});
  apply_step("dict(type='RandomResizedCrop', scale=4, aspect_ratio_range=(3., 4.))", narrow);
  EXPECT_EQ(sum_of(narrow), 4 * 4 * 3 * 200);
  Sample wide = bright({50, 1}, {});
  apply_step("dict(type='RandomResizedCrop', scale=4, aspect_ratio_range=(0.001, 0.002))", wide);
  EXPECT_EQ(sum_of(wide), 4 * 4 * 3 * 200);
}

TEST_F(OddGeometry, CutOutTakesAnyShape) {
  Sample one = bright({5, 4}, {});
  apply_step("dict(type='CutOut', n_holes=60, cutout_shape=(2147483647, 2147483647))", one);
  EXPECT_EQ(sum_of(one), 0);
  Sample same = bright({5, 4}, {});
  apply_step("dict(type='CutOut', n_holes=3, cutout_ratio=(-1e300, 1e300))", same);
  EXPECT_EQ(sum_of(same), 5 * 4 * 3 * 200);
  EXPECT_EQ(refusal("dict(type='CutOut', n_holes=2147483647, cutout_shape=(1, 1))"),
            "error: n_holes is 2147483647; it must be at most 1000000");
  EXPECT_EQ(refusal("dict(type='RandomErasing', n_patches=2147483647, ratio=0.1)"),
            "error: n_patches is 2147483647; it must be at most 1000000");
}

TEST_F(OddGeometry, ACanvasOfOnePixelIsFilled) {
  Sample pixel = sample({1, 1});
  pixel.image = image::as_float(bright({1, 1}, {}).image);
  apply_step(
      "dict(type='RandomCenterCropPad', crop_size=None, ratios=None, border=None, mean=[5, 6, 7], "
      "std=[1, 1, 1], to_rgb=False, test_mode=True, test_pad_mode=('size_divisor', 1))",
      pixel);
  EXPECT_EQ(image::render(pixel.image).pixels.data_as<float>()[0], 5.0F);
}

TEST_F(OddGeometry, NumbersThatFitNoIntAreErrorsOrDoNothing) {
  Sample image = bright({5, 4}, {});
  const std::string limit = "; it may have 268435456 pixels at most\n";
  EXPECT_EQ(error_of("dict(type='RandomResize', scale=(9, 9), ratio_range=(1e300, 1e300))", image),
            "error: an image of 5x4 would become 2147483647x2147483647" + limit);
  EXPECT_EQ(error_of("dict(type='RandomAffine', border=(2147483647, 2147483647))", image),
            "error: an image of 5x4 would become 2147483647x2147483647" + limit);
  EXPECT_EQ(error_of("dict(type='RandomAffine', border=(-2147483648, 3))", image),
            "error: border leaves no pixel of an image of 5x4\n");
  apply_step("dict(type='YOLOXHSVRandomAug', hue_delta=1e300, value_delta=1e300)", image);
  apply_step("dict(type='ColorJitter', brightness=1e300, contrast=(0.0, 1e300))", image);
  apply_step("dict(type='PhotoMetricDistortion', hue_delta=1e30)", image);
  EXPECT_EQ(image::render(image.image).size(), (Size{5, 4}));
}

// As in OpenCV, whose inverse of such a matrix is zero.
TEST_F(OddGeometry, AWarpWithoutAnInverseRepeatsTheFirstPixel) {
  Sample flat = bright({5, 4}, {});
  apply_step("dict(type='RandomAffine', scaling_ratio_range=(1e-320, 1e-310))", flat);
  EXPECT_EQ(sum_of(flat), 5 * 4 * 3 * 200);
}

// As when a step removes boxes before the masks are loaded.
TEST_F(OddGeometry, ListsOfObjectsMustHaveOneLength) {
  Sample uneven = sample({5, 4}, {{0, 0, 1, 1}, {1, 1, 3, 3}});
  uneven.labels.pop_back();
  WorkerStream stream(0);
  RandomContext random(stream, arena);
  const Transform flip = step("dict(type='RandomFlip', prob=0.5)");
  EXPECT_EQ(failure([&] { run(flip, 1, uneven, random); }),
            "error: RandomFlip leaves 2 boxes and 1 labels; they must be as many\n"
            "  while RandomFlip worked on \n"
            "help: load all annotations of a sample in one step, before any step that removes "
            "objects\n");
}

TEST_F(OddGeometry, MasksThatDoNotFitTheImageAreAnError) {
  Masks masks(arena);
  masks.size = {9, 9};
  const auto* outline = arena.make<image::Outline>(image::Outline{.size = {9, 9}});
  masks.bitmaps.push_back(image::outlined(outline, arena));
  const auto refused = [](const std::string& size) {
    return "error: the masks are 9x9, which does not fit an image of " + size +
           "\nhelp: a step before this one changes the size of the image and not that of its "
           "masks\n";
  };
  EXPECT_EQ(failure([&] { pad(masks, {8, 20}, 0.0); }), refused("8x20"));
  EXPECT_EQ(failure([&] { crop(masks, {4, 4, 8, 2}); }), refused("12x6"));
  EXPECT_EQ(failure([&] { expand(masks, {10, 10}, 2, 0, arena); }), refused("10x10"));
}

// FixScaleResize rounds the size of the image down and that of the masks to nearest, as upstream.
TEST_F(OddGeometry, MasksOfTwoSizesAreJoinedOnlyAsPolygons) {
  const auto made = [&](Size size, bool polygons) {
    Masks masks(arena);
    masks.size = size;
    masks.polygons = polygons;
    const auto* outline = arena.make<image::Outline>(image::Outline{.size = size});
    if (polygons)
      masks.outlines.push_back(outline);
    else
      masks.bitmaps.push_back(image::outlined(outline, arena));
    return masks;
  };
  Masks bitmaps = made({9, 8}, false);
  EXPECT_EQ(failure([&] {
              append(bitmaps, made({8, 8}, false));
            }),
            "error: masks of 9x8 and of 8x8 cannot be joined\n"
            "help: a step before this one gives the masks another size than the image\n");
  Masks polygons = made({9, 8}, true);
  append(polygons, made({8, 8}, true));
  EXPECT_EQ(pixels_of(polygons).shape, (Shape{2, 8, 9}));
}

}  // namespace
}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
// Expected values: mmdet 3.3.0 with numpy 2.4.6, the same images, boxes and seeds.
#include <gtest/gtest.h>

#include "crc32.h"
#include "pinfeed/image/expression/render.h"
#include "transform_steps.h"

namespace pinfeed {
namespace {

const std::string crop_keys = "test_pad_mode=None, mean=[123.675, 116.28, 103.53], std=[1, 1, 1], ";
const std::string usual_keys = "crop_size=(64, 48), to_rgb=True";
const std::string pad_keys =
    "test_mode=True, ratios=None, border=None, mean=[1, 2, 3], std=[1, 1, 1], to_rgb=False";
const std::vector<Box> three_boxes = {{10, 10, 30, 20}, {60.5, 40.25, 89, 69}, {0, 0, 5, 5}};

std::string center_crop_pad(const std::string& keys) {
  return "dict(type='RandomCenterCropPad', " + keys + ")";
}

struct CropCase {
  std::string keys = {};
  std::uint64_t seed = 0;
  std::vector<Box> boxes = {};

  Size size = {};
  std::uint32_t crc = 0;  // of the pixels of the result, H x W x C float32
  std::vector<Box> moved_boxes = {};
  std::vector<std::int64_t> labels = {};
  double next_double = 0.0;  // of numpy's stream
};

void PrintTo(const CropCase& one, std::ostream* out) { *out << one.keys << ", seed " << one.seed; }

class CenterCropPad : public Transforms {
 protected:
  // Pixel (x, y) of channel c is (7 x + 13 y + 29 c) % 256, as float32.
  Sample float_sample(Size size, const std::vector<Box>& boxes) {
    pixels = image::make_image(size);
    for (int y = 0; y < size.height; ++y) {
      for (int x = 0; x < size.width; ++x) {
        for (int c = 0; c < 3; ++c) {
          pixels.at(y, x)[c] = static_cast<std::uint8_t>(7 * x + 13 * y + 29 * c);
        }
      }
    }
    Sample one = sample(size, boxes);
    one.image = image::as_float(image::plain(pixels.view(), arena));
    return one;
  }

  image::Image pixels;
};

class CenterCropPadCase : public CenterCropPad, public testing::WithParamInterface<CropCase> {};

TEST_P(CenterCropPadCase, EqualsMmdet) {
  const CropCase& expected = GetParam();
  Sample one = float_sample({90, 70}, expected.boxes);
  EXPECT_TRUE(apply_step(center_crop_pad(crop_keys + expected.keys), one, expected.seed));
  EXPECT_EQ(one.img_shape, expected.size);
  const image::Image result = image::render(one.image);
  EXPECT_EQ(result.size(), expected.size);
  EXPECT_EQ(crc32({result.pixels.data(), result.pixels.bytes()}), expected.crc);
  EXPECT_EQ(std::vector<Box>(one.boxes.begin(), one.boxes.end()), expected.moved_boxes);
  EXPECT_EQ(std::vector<std::int64_t>(one.labels.begin(), one.labels.end()), expected.labels);
  EXPECT_EQ(one.ignore_flags.size(), one.boxes.size());
  EXPECT_EQ(next_double, expected.next_double);
}

INSTANTIATE_TEST_SUITE_P(
    Training, CenterCropPadCase,
    testing::Values(CropCase{"crop_size=(64, 48), to_rgb=True",
                             0,
                             three_boxes,
                             {57, 43},
                             0x36ccb6bcU,
                             {{41.5, 24.25, 57, 43}},
                             {1},
                             0.8442657485810173},
                    CropCase{"crop_size=(64, 48), to_rgb=True",
                             1,
                             three_boxes,
                             {64, 48},
                             0x4e7f90a6U,
                             {{0, 0, 19, 8}, {49.5, 28.25, 64, 48}},
                             {0, 1},
                             0.9325573593386588},
                    CropCase{"crop_size=(64, 48), to_rgb=True",
                             2,
                             three_boxes,
                             {57, 43},
                             0x36ccb6bcU,
                             {{41.5, 24.25, 57, 43}},
                             {1},
                             0.9315408658211117},
                    CropCase{"crop_size=(64, 48), to_rgb=True",
                             3,
                             three_boxes,
                             {70, 52},
                             0xd6286be4U,
                             {{39.5, 33.25, 68, 52}},
                             {1},
                             0.8399490437724049},
                    CropCase{"crop_size=(64, 48), to_rgb=False, border=20, ratios=(0.5, 1.5), "
                             "bbox_clip_border=False",
                             4,
                             three_boxes,
                             {32, 24},
                             0x07ac9be6U,
                             {{10.5, 9.25, 39, 38}},
                             {1},
                             0.17269533107194568},
                    CropCase{"crop_size=(64, 48), to_rgb=True, border=45, ratios=(1.05,)",
                             5,
                             three_boxes,
                             {67, 50},
                             0x48252c27U,
                             {{36.5, 29.25, 65, 50}},
                             {1},
                             0.8707323061773764},
                    CropCase{"crop_size=(200, 36), to_rgb=True",
                             5,
                             three_boxes,
                             {220, 39},
                             0x5e8438a6U,
                             {{123.5, 22.25, 152, 39}},
                             {1},
                             0.20671915533942642},
                    CropCase{"crop_size=(64, 48), to_rgb=True",
                             6,
                             {},
                             {70, 52},
                             0x67868c14U,
                             {},
                             {},
                             0.20940636710248228},
                    CropCase{"crop_size=(12, 12), to_rgb=True, ratios=(1.0, 0.5, 2.0)",
                             7,
                             {{30, 30, 32, 32}},
                             {12, 12},
                             0x4b4bd5c9U,
                             {{4, 1, 6, 3}},
                             {0},
                             0.6743304229389547}));

struct TestModeCase {
  Size image = {};
  std::string keys = {};
  Size size = {};
  std::uint32_t crc = 0;
  std::array<float, 4> border = {};  // top, bottom, left, right
};

TEST_F(CenterCropPad, CentresTheImageInTestMode) {
  const TestModeCase cases[] = {
      {{90, 70}, "", {127, 127}, 0x9adc9e1cU, {28, 98, 18, 108}},
      {{127, 63},
       ", test_pad_mode=('logical_or', 31), test_pad_add_pix=1",
       {128, 64},
       0x9dde24fcU,
       {1, 64, 1, 128}},
      {{91, 70}, ", test_pad_mode=['size_divisor', 32]", {96, 96}, 0xea5a9a00U, {13, 83, 3, 94}},
      {{96, 71},
       ", test_pad_mode=['size_divisor', 32], test_pad_add_pix=5",
       {96, 96},
       0xaf4a59e6U,
       {13, 84, 0, 96}}};
  for (const TestModeCase& expected : cases) {
    Sample one = float_sample(expected.image, three_boxes);
    EXPECT_TRUE(apply_step(center_crop_pad(pad_keys + expected.keys), one, 8));
    EXPECT_EQ(next_double, first_double(8));
    const image::Image result = image::render(one.image);
    EXPECT_EQ(result.size(), expected.size);
    EXPECT_EQ(one.img_shape, expected.size);
    EXPECT_EQ(crc32({result.pixels.data(), result.pixels.bytes()}), expected.crc);
    EXPECT_EQ(std::vector<Box>(one.boxes.begin(), one.boxes.end()), three_boxes);
    const auto* border = one.extra.find("border")->as<Tensor>();
    EXPECT_EQ(border->dtype, DType::float32);
    EXPECT_TRUE(
        std::equal(expected.border.begin(), expected.border.end(), border->data_as<float>()));
  }
}

TEST_F(CenterCropPad, PacksTheBorder) {
  Sample one = float_sample({90, 70}, {});
  apply_step(center_crop_pad(pad_keys), one);
  apply_step("dict(type='PackDetInputs', meta_keys=('border', 'img_shape'))", one);
  const TreeNode* meta = one.packed.find("data_samples")->find("metainfo");
  EXPECT_EQ(meta->find("border")->as<Tensor>()->data_as<float>()[1], 98.0F);
}

TEST_F(CenterCropPad, NeverExceedsItsBound) {
  const auto largest = [&](const std::string& keys) {
    return step(center_crop_pad(keys)).bound(bound_of(100, 80));
  };
  EXPECT_EQ(largest(crop_keys + usual_keys), bound_of(70, 52));
  for (const std::string& keys : {pad_keys, pad_keys + ", test_pad_mode=('size_divisor', 32)"}) {
    for (const Size size : {Size{100, 80}, Size{97, 33}, Size{1, 1}}) {
      Sample one = float_sample(size, {});
      apply_step(center_crop_pad(keys), one);
      EXPECT_TRUE(within(largest(keys), one.image.size())) << to_string(size);
    }
  }
}

TEST_F(CenterCropPad, FailsWhereNoWindowContainsABox) {
  Sample one = float_sample({90, 70}, {{0, 0, 1, 1}});
  EXPECT_EQ(failure([&] {
              apply_step(center_crop_pad(crop_keys + "crop_size=(12, 12), to_rgb=True"), one);
            }).substr(0, 49),
            "error: no window contains the centre of a box\nhel");
}

TEST_F(CenterCropPad, TakesFloatImagesOnly) {
  Sample one = sample();
  EXPECT_NE(failure([&] {
              apply_step(center_crop_pad(crop_keys + usual_keys), one);
            }).find("to_float32=True"),
            std::string::npos);
}

TEST_F(CenterCropPad, ChecksItsKeys) {
  const std::string color = "mean=[0, 0, 0], std=[1, 1, 1], to_rgb=True";
  EXPECT_EQ(refusal(center_crop_pad(color)),
            "error: crop_size, ratios and border are required in training");
  EXPECT_EQ(refusal(center_crop_pad(color + ", crop_size=(8, 8)")),
            "error: test_pad_mode must be None in training");
  EXPECT_EQ(refusal(center_crop_pad(crop_keys + usual_keys + ", border=0")),
            "error: border must be at least 1");
  EXPECT_EQ(refusal(center_crop_pad(crop_keys + usual_keys + ", ratios=(1.0, 0.01)")),
            "error: crop_size times each of ratios must be at least 2 pixels");
  EXPECT_EQ(refusal(center_crop_pad(color + ", test_mode=True")),
            "error: crop_size, ratios and border must be None with test_mode=True");
  EXPECT_EQ(refusal(center_crop_pad(pad_keys + ", test_pad_mode=('size_divisor', 0)")),
            "error: the number of test_pad_mode must be at least 1");
  EXPECT_EQ(refusal(center_crop_pad(pad_keys + ", test_pad_mode=('floor', 32)")).substr(0, 30),
            "error: test_pad_mode[0] must b");
}

}  // namespace
}  // namespace pinfeed

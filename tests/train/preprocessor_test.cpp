// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/input/preprocessor.h"

#include <gtest/gtest.h>

#include <cstring>

#include "pinfeed/config/read.h"
#include "pinfeed/core/error.h"
#include "pinfeed/models/torch_tensor.h"
#include "tests/train/line_model.h"

namespace pinfeed {
namespace {

// N x H x W x C bytes viewed as N x C x H x W: the byte of image n at (y, x), channel c, is
// 100 n + 20 y + 5 x + c.
Tensor stacked(std::int64_t count, std::int64_t height, std::int64_t width) {
  Tensor tensor = Tensor::empty(DType::uint8, {count, height, width, 3});
  auto* byte = tensor.data_as<std::uint8_t>();
  for (std::int64_t n = 0; n < count; ++n) {
    for (std::int64_t y = 0; y < height; ++y) {
      for (std::int64_t x = 0; x < width; ++x) {
        for (std::int64_t c = 0; c < 3; ++c)
          *byte++ = static_cast<std::uint8_t>(100 * n + 20 * y + 5 * x + c);
      }
    }
  }
  tensor.shape = {count, 3, height, width};
  tensor.strides = {height * width * 3, 1, width * 3, 3};
  return tensor;
}

Preprocessing statistics() {
  return {.reverse_channels = true,
          .mean = {123.675F, 116.28F, 103.53F},
          .std = {58.395F, 57.12F, 57.375F},
          .pad_size_divisor = 4,
          .pad_value = -7.0F};
}

torch::Tensor run(const Preprocessing& preprocessing, const std::vector<Tensor>& images) {
  return preprocessed(preprocessing, images, torch::kCPU);
}

// The same by torch's own operators, in upstream's order.
torch::Tensor by_operators(const Preprocessing& preprocessing, const Tensor& images) {
  torch::Tensor floats = to_torch(images).flip(1).to(torch::kFloat);
  return (floats - torch::tensor(preprocessing.mean).view({1, 3, 1, 1})) /
         torch::tensor(preprocessing.std).view({1, 3, 1, 1});
}

TEST(Preprocessor, ReversesNormalisesAndPads) {
  const torch::Tensor result = run(statistics(), {stacked(2, 3, 5)});
  ASSERT_EQ(result.sizes(), (std::vector<std::int64_t>{2, 3, 4, 8}));
  // Red of image 1 at (2, 3) is byte 100 + 40 + 15 + 2.
  EXPECT_EQ(result[1][0][2][3].item<float>(), (157.0F - 123.675F) / 58.395F);
  EXPECT_EQ(result[1][2][2][3].item<float>(), (155.0F - 103.53F) / 57.375F);
  EXPECT_EQ(result[0][1][2][5].item<float>(), -7.0F);  // right of the image
  EXPECT_EQ(result[0][1][3][0].item<float>(), -7.0F);  // below it
}

TEST(Preprocessor, EqualsTorchsOperatorsToTheBit) {
  const Tensor images = stacked(2, 37, 53);
  const torch::Tensor result = run(statistics(), {images});
  const torch::Tensor inside = result.slice(2, 0, 37).slice(3, 0, 53);
  EXPECT_TRUE(torch::equal(inside, by_operators(statistics(), images)));
}

TEST(Preprocessor, PadsAListToItsLargestImage) {
  const Tensor high = select(stacked(1, 6, 2), 0);
  const Tensor wide = select(stacked(1, 1, 9), 0);
  const torch::Tensor result = run(statistics(), {high, wide});
  ASSERT_EQ(result.sizes(), (std::vector<std::int64_t>{2, 3, 8, 12}));
  EXPECT_EQ(result[1][0][0][8].item<float>(), (42.0F - 123.675F) / 58.395F);
  EXPECT_EQ(result[1][0][1][0].item<float>(), -7.0F);
}

TEST(Preprocessor, DoesNotReadBytesBetweenTheRows) {
  Tensor part = select(stacked(1, 6, 8), 0);
  const Tensor whole = part;
  part.shape = {3, 5, 7};
  const torch::Tensor result = run(statistics(), {part});
  ASSERT_EQ(result.sizes(), (std::vector<std::int64_t>{1, 3, 8, 8}));
  const torch::Tensor inside = run(statistics(), {whole}).slice(2, 0, 5).slice(3, 0, 7);
  EXPECT_TRUE(torch::equal(result.slice(2, 0, 5).slice(3, 0, 7), inside));
  EXPECT_EQ(result[0][0][0][7].item<float>(), -7.0F);
  EXPECT_EQ(result[0][0][5][0].item<float>(), -7.0F);
}

TEST(KernelPlan, TakesAStackedBatchAsOne) {
  const std::optional<KernelPlan> plan = kernel_plan(statistics(), {{stacked(2, 3, 5)}});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->shape, (Shape{2, 3, 4, 8}));
  ASSERT_EQ(plan->parts.size(), 1U);
  EXPECT_EQ(plan->parts[0].count, 2);
  EXPECT_EQ(plan->parts[0].height, 3);
  EXPECT_EQ(plan->parts[0].width, 5);
  EXPECT_EQ(plan->valid.size(), 2U);
}

TEST(KernelPlan, TakesImagesOfSeveralSizesOneByOne) {
  const std::vector<Tensor> images = {select(stacked(1, 6, 2), 0), select(stacked(1, 1, 9), 0)};
  const std::optional<KernelPlan> plan = kernel_plan(statistics(), images);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->parts.size(), 2U);
  EXPECT_EQ(plan->valid[1].width, 9);
}

TEST(Preprocessor, PadsBatchesToAFixedSize) {
  Preprocessing fixed = statistics();
  fixed.smallest = Size{12, 4};
  const torch::Tensor result = run(fixed, {stacked(1, 3, 5)});
  ASSERT_EQ(result.sizes(), (std::vector<std::int64_t>{1, 3, 4, 12}));
  EXPECT_EQ(result[0][1][0][11].item<float>(), -7.0F);
  EXPECT_TRUE(torch::equal(result.narrow(3, 0, 8), run(statistics(), {stacked(1, 3, 5)})));
  EXPECT_EQ(kernel_plan(fixed, {{stacked(1, 3, 5)}})->shape, (Shape{1, 3, 4, 12}));
  fixed.mask_pad_value = 0.0;
  EXPECT_FALSE(for_evaluation(fixed).smallest);
  EXPECT_FALSE(for_evaluation(fixed).mask_pad_value);
}

TEST(Preprocessor, TellsThePaddingOfEachImage) {
  std::vector<Tensor> images = {select(stacked(1, 3, 5), 0), select(stacked(1, 8, 2), 0)};
  const BatchPadding own = padding_of(statistics(), images);
  EXPECT_EQ(own.images, (std::vector<Size>{{8, 4}, {4, 8}}));
  EXPECT_EQ(own.batch, (Size{8, 8}));
  EXPECT_FALSE(own.mask_pad_value);
  Preprocessing fixed = statistics();
  fixed.smallest = Size{12, 4};  // the batch is enlarged to 12 x 8
  const BatchPadding enlarged = padding_of(fixed, images);
  EXPECT_EQ(enlarged.images, (std::vector<Size>{{12, 4}, {12, 4}}));
  EXPECT_EQ(enlarged.batch, (Size{12, 8}));
}

std::string failure_of_keys(const std::string& keys) {
  return failure_of([&] {
    read_preprocessing(
        read_config_text("data_preprocessor = dict(type='DetDataPreprocessor', " + keys + ")",
                         "c.py")
            .root);
  });
}

TEST(DetDataPreprocessor, ReadsTheFixedSizeOfBatches) {
  const std::string augment =
      "pad_mask=True, batch_augments=[dict(type='BatchFixedSizePad', "
      "size=(64, 96), pad_mask=True)]";
  const Preprocessing read = read_preprocessing(
      read_config_text("data_preprocessor = dict(type='DetDataPreprocessor', " + augment + ")",
                       "c.py")
          .root);
  EXPECT_EQ(read.smallest, (Size{96, 64}));
  EXPECT_EQ(read.mask_pad_value, 0.0);
  const std::string other = "batch_augments=[dict(type='BatchFixedSizePad', size=(64, 96), ";
  EXPECT_NE(
      failure_of_keys(other + "img_pad_value=3)]").find("img_pad_value of BatchFixedSizePad is 3"),
      std::string::npos);
  EXPECT_NE(failure_of_keys(other + "pad_mask=True)]").find("differ from the preprocessor's"),
            std::string::npos);
}

TEST(KernelPlan, NeedsInterleavedUint8) {
  EXPECT_FALSE(kernel_plan({}, {{Tensor::empty(DType::float32, {1, 3, 4, 4})}}));
  EXPECT_FALSE(kernel_plan({}, {{Tensor::empty(DType::uint8, {1, 3, 4, 4})}}));
}

TEST(Preprocessor, ReturnsFloatsUnchanged) {
  Tensor floats = Tensor::empty(DType::float32, {1, 3, 4, 4});
  for (std::int64_t i = 0; i < 48; ++i) floats.data_as<float>()[i] = 0.5F * static_cast<float>(i);
  const torch::Tensor whole = run({}, {floats});
  EXPECT_EQ(whole.data_ptr(), static_cast<void*>(floats.data()));  // no copy
  const torch::Tensor padded = run({.pad_size_divisor = 5}, {floats});
  EXPECT_EQ(padded[0][2][3][3].item<float>(), 23.5F);
  EXPECT_EQ(padded[0][2][3][4].item<float>(), 0.0F);
}

TEST(Preprocessor, RefusesTensorsThatAreNotImages) {
  const Tensor flat = Tensor::empty(DType::uint8, {4, 4});
  EXPECT_EQ(
      failure_of([&] { run({}, {flat}); }),
      "error: the preprocessor takes images (N, C, H, W) or a list of (C, H, W), uint8 or float32, "
      "not uint8 (4, 4)\n");
  Tensor grey = stacked(1, 2, 2);
  grey.shape = {1, 1, 2, 2};
  EXPECT_EQ(failure_of([&] { run(statistics(), {grey}); }),
            "error: images have 1 channels; the preprocessor needs 3\n");
}

Metainfo with_statistics() {
  return {.statistics = image::Normalization{.mean = {123.675F, 116.28F, 103.53F},
                                             .std = {58.395F, 57.12F, 57.375F},
                                             .to_rgb = true}};
}

TEST(Statistics, ComeFromTheDataSetUnlessTheConfigHasThem) {
  std::vector<std::string> warnings;
  const Preprocessing fit = fitted({.pad_size_divisor = 32}, with_statistics(), warnings);
  EXPECT_EQ(fit.mean, (std::vector<float>{123.675F, 116.28F, 103.53F}));
  EXPECT_TRUE(fit.reverse_channels);
  EXPECT_EQ(fit.pad_size_divisor, 32);
  EXPECT_TRUE(warnings.empty());
}

TEST(Statistics, ThatDifferAreAWarningWithBoth) {
  std::vector<std::string> warnings;
  const Preprocessing given{.mean = {0.0F, 0.0F, 0.0F}, .std = {255.0F, 255.0F, 255.0F}};
  EXPECT_EQ(fitted(given, with_statistics(), warnings).mean, given.mean);
  EXPECT_EQ(
      warnings,
      (std::vector<std::string>{
          "the preprocessor normalises with mean [0, 0, 0], std [255, 255, 255], BGR; the data "
          "set offers mean [123.675, 116.28, 103.53], std [58.395, 57.12, 57.375], RGB"}));
}

TEST(Statistics, AreNotAppliedTwice) {
  std::vector<std::string> warnings;
  Metainfo normalized = with_statistics();
  normalized.normalized = true;
  EXPECT_TRUE(fitted({}, normalized, warnings).mean.empty());
  EXPECT_EQ(failure_of([&] { fitted(statistics(), normalized, warnings); }),
            "error: the data set normalises already, the preprocessor would a second time\n"
            "help: drop mean, std and the channel order of data_preprocessor, or set "
            "normalize='none' in the "
            "data set\n");
}

Value preprocessor_config(const std::string& text) {
  return read_config_text(text, "config.py").root;
}

TEST(PreprocessorConfig, IsFoundInTheModelOrBesideIt) {
  const Preprocessing inner = read_preprocessing(
      preprocessor_config("model = dict(data_preprocessor=dict(type='DetDataPreprocessor', "
                          "bgr_to_rgb=True, mean=[1, 2, 3], "
                          "std=[4, 5, 6], pad_size_divisor=32))"));
  EXPECT_EQ(inner.std, (std::vector<float>{4, 5, 6}));
  EXPECT_EQ(inner.pad_size_divisor, 32);
  const Preprocessing outer = read_preprocessing(preprocessor_config(
      "data_preprocessor = dict(type='SelfSupDataPreprocessor', mean=[1], std=[2], to_rgb=True)"));
  EXPECT_TRUE(outer.reverse_channels);
  EXPECT_EQ(outer.mean, (std::vector<float>{1}));
}

TEST(PreprocessorConfig, RequiresMeanAndStdTogether) {
  EXPECT_EQ(failure_of([] {
              read_preprocessing(preprocessor_config(
                  "data_preprocessor = dict(type='DetDataPreprocessor', mean=[1])"));
            }),
            "error: mean and std must be given both or neither\n"
            "  --> config.py:1:21\n"
            "   | data_preprocessor = dict(type='DetDataPreprocessor', mean=[1])\n"
            "   |                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
            "   at data_preprocessor\n");
}

}  // namespace
}  // namespace pinfeed

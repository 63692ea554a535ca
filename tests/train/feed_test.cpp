// SPDX-License-Identifier: Apache-2.0
// What feeds give to the models besides images: masks, padding, keys of random numbers.
#include "pinfeed/train/input/feed.h"

#include <gtest/gtest.h>

#include "pinfeed/config/read.h"
#include "pinfeed/data/loader/builtin_catalogs.h"
#include "pinfeed/data/loader/loader.h"
#include "pinfeed/memory/device.h"
#include "pinfeed/models/torch_tensor.h"
#include "pinfeed/synthetic/shapes.h"
#include "pinfeed/train/input/make_feed.h"
#include "tests/models/test_folder.h"

namespace pinfeed {
namespace {

std::unique_ptr<Feed> feed_of_shapes(const std::string& loading, const Preprocessing& preprocessing,
                                     const LoaderOptions& options = {.seed = 5}) {
  static const TestFolder folder;
  static const bool written = [] {
    write_shapes({.images = 6, .val = 1, .size = {96, 64}, .max_objects = 4}, folder.path());
    return true;
  }();
  EXPECT_TRUE(written);
  const std::string text = "data = '" + folder.path() + "/'\n" + R"(
train_dataloader = dict(
    batch_size=2,
    sampler=dict(type='DefaultSampler', shuffle=True),
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(
        type='CocoDataset', data_root=data, ann_file='annotations/train.json',
        data_prefix=dict(img='train/'), filter_cfg=dict(filter_empty_gt=False),
        metainfo=dict(classes=('circle', 'square', 'triangle', 'star', 'cross')),
        pipeline=[dict(type='LoadImageFromFile'), dict(type='LoadAnnotations', with_bbox=True)" +
                           loading + R"(), dict(type='RandomFlip', prob=0.5),
                  dict(type='PackDetInputs')])))";
  return make_feed(std::make_shared<Loader>(make_loader(read_config_text(text, "config.py").root,
                                                        "train_dataloader", builtin(), options)),
                   preprocessing, torch::kCPU, Route::host);
}

// The boxes around the masks are those of the annotations, to a pixel.
void expect_masks_in_boxes(const DetDataSample& sample, bool polygons) {
  ASSERT_NE(sample.masks, nullptr);
  EXPECT_EQ(sample.masks->masks.polygons, polygons);
  ASSERT_EQ(sample.masks->masks.count(), static_cast<std::size_t>(sample.boxes.size(0)));
  for (std::size_t i = 0; i < sample.masks->masks.count(); ++i) {
    const Box box = box_of(sample.masks->masks, i);
    const torch::Tensor want = sample.boxes[static_cast<std::int64_t>(i)];
    const torch::Tensor have = torch::tensor({box.x1, box.y1, box.x2, box.y2});
    EXPECT_LE((have - want).abs().max().item<float>(), 2.0F) << have << want;
  }
}

TEST(Feed, GivesMasksThatOutliveTheirBatch) {
  for (const bool polygons : {false, true}) {
    const std::string loading =
        std::string(", with_mask=True, poly2mask=") + (polygons ? "False" : "True");
    const auto feed = feed_of_shapes(loading, {.pad_size_divisor = 32});
    std::vector<ModelInput> inputs;
    while (std::optional<ModelInput> input = feed->next()) inputs.push_back(std::move(*input));
    ASSERT_EQ(inputs.size(), 3U);
    for (const ModelInput& input : inputs) {
      for (const DetDataSample& sample : input.data_samples) {
        expect_masks_in_boxes(sample, polygons);
        EXPECT_EQ(sample.masks->masks.size, sample.img_shape);
      }
    }
  }
}

TEST(Feed, PadsMasksAsImages) {
  const auto feed =
      feed_of_shapes(", with_mask=True",
                     {.pad_size_divisor = 64, .smallest = Size{160, 64}, .mask_pad_value = 0.0});
  const std::optional<ModelInput> input = feed->next();
  EXPECT_EQ(input->images.size(3), 160);
  for (const DetDataSample& sample : input->data_samples) {
    EXPECT_EQ(sample.pad_shape, (Size{160, 64}));
    EXPECT_EQ(sample.masks->masks.size, (Size{160, 64}));
    expect_masks_in_boxes(sample, false);
  }
}

TEST(Feed, HasNoMasksUnlessTheyAreLoaded) {
  const std::optional<ModelInput> input = feed_of_shapes("", {})->next();
  EXPECT_EQ(input->data_samples.front().masks, nullptr);
}

// The random numbers of a model belong to the step: a resumed training draws the same.
TEST(Feed, KeysTheRandomNumbersOfEachStep) {
  const auto drawn = [](const ModelInput& input) {
    return input.random.choose(1000, 20, 0, "head");
  };
  const auto feed = feed_of_shapes("", {});
  std::vector<torch::Tensor> steps;
  for (int epoch = 0; epoch < 2; ++epoch) {
    while (const std::optional<ModelInput> input = feed->next()) {
      EXPECT_TRUE(input->random.keyed());
      steps.push_back(drawn(*input));
    }
  }
  ASSERT_EQ(steps.size(), 6U);
  for (std::size_t i = 1; i < steps.size(); ++i) EXPECT_FALSE(torch::equal(steps[0], steps[i]));
  feed->seek({1, 1});
  EXPECT_TRUE(torch::equal(drawn(*feed->next()), steps[4]));
  const auto other_seed = feed_of_shapes("", {}, {.seed = 6});
  EXPECT_FALSE(torch::equal(drawn(*other_seed->next()), steps[0]));
}

TEST(Feed, LeavesRandomNumbersToTorchInReplay) {
  const auto feed = feed_of_shapes("", {}, {.seed = 5, .replay = true});
  EXPECT_FALSE(feed->next()->random.keyed());
}

TEST(Route, ToACudaDeviceWithoutABuildForCudaIsWarnedOf) {
  EXPECT_EQ(warning_of_route(torch::kCPU), "");
  const torch::Device gpu(torch::kCUDA, 0);
  const bool built = backend() == "cuda";
  EXPECT_EQ(route_to(gpu), built ? Route::device : Route::host);
  EXPECT_EQ(warning_of_route(gpu).starts_with("libpinfeed is built without CUDA"), !built);
}

}  // namespace
}  // namespace pinfeed

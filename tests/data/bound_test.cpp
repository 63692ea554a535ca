// SPDX-License-Identifier: Apache-2.0
// The bound of the images of a pipeline, and the allocation of batch slots from it.
#include <gtest/gtest.h>

#include "pinfeed/data/loader/loader.h"
#include "pinfeed/synthetic/shapes.h"
#include "tests/shapes_config.h"
#include "transform_steps.h"
#include "windows.h"

namespace pinfeed {
namespace {

constexpr Size largest = {300, 260};  // the largest image before the step

Bound behind(const std::string& text, const Bound& before = {}) {
  return bound_behind({step(text)}, before);
}

struct StepCase {
  std::string text;
  Bound of_unknown = {};  // the bound after the step if there is none before it
};

void PrintTo(const StepCase& one, std::ostream* out) { *out << one.text; }

class StepBound : public Transforms, public testing::WithParamInterface<StepCase> {
 protected:
  // The size of the image after the step, for an image of this size with two boxes; the same size
  // if the step drops the sample.
  Size size_after(Size size, std::uint64_t seed) {
    const auto side = static_cast<float>(std::min(size.width, size.height));
    const std::vector<Box> boxes = {{0, 0, side / 2, side / 2}, {1, 1, side, side}};
    const auto plan = [&](std::int64_t, RandomContext&) { return sample(size, boxes); };
    const InnerSamples inner{3, plan};
    WorkerStream stream(seed);
    RandomContext random(stream, arena);
    random.set_inner_samples(&inner);
    Sample made = sample(size, boxes);
    made.fields |= Field::path;
    return step(GetParam().text).apply(made, random) ? made.image.size() : size;
  }
};

TEST_P(StepBound, IsNeverExceeded) {
  const Bound known = behind(GetParam().text, bound_of(largest.width, largest.height));
  ASSERT_TRUE(known);
  Mt19937 random(11);
  NumpyRandom sizes{Bits(random)};
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Size size = {static_cast<int>(sizes.randint(20, largest.width + 1)),
                       static_cast<int>(sizes.randint(20, largest.height + 1))};
    const Size after = size_after(seed == 0 ? largest : size, seed);
    EXPECT_TRUE(within(known, after)) << to_string(size) << " became " << to_string(after);
    EXPECT_TRUE(within(GetParam().of_unknown, after)) << to_string(size);
  }
}

TEST_P(StepBound, IsTheStepsOwnForUnboundedImages) {
  EXPECT_EQ(behind(GetParam().text), GetParam().of_unknown);
}

INSTANTIATE_TEST_SUITE_P(
    All, StepBound,
    testing::Values(
        StepCase{"dict(type='Resize', scale=(133, 80), keep_ratio=True)",
                 ImageBound{133, 133, 133 * 80}},
        StepCase{"dict(type='Resize', scale=(133, 80))", bound_of(133, 80)},
        StepCase{"dict(type='Resize', scale=90)", bound_of(90, 90)},
        StepCase{"dict(type='Resize', scale_factor=1.37)"},
        StepCase{"dict(type='Resize', scale_factor=(0.63, 2.1), keep_ratio=True)"},
        StepCase{"dict(type='FixScaleResize', scale=(133, 80), keep_ratio=True)",
                 ImageBound{133, 133, 133 * 80}},
        StepCase{"dict(type='FixShapeResize', width=90, height=70, keep_ratio=True)",
                 bound_of(90, 70)},
        StepCase{"dict(type='ResizeShortestEdge', scale=80, max_size=133)",
                 ImageBound{133, 133, 133 * 80}},
        StepCase{"dict(type='RandomResize', scale=(133, 80), ratio_range=(0.5, 1.7), "
                 "keep_ratio=True)",
                 ImageBound{227, 227, 227 * 136}},
        StepCase{"dict(type='RandomResize', scale=[(133, 64), (120, 80)])", bound_of(133, 80)},
        StepCase{"dict(type='RandomChoiceResize', scales=[(48, 133), (133, 80)], keep_ratio=True)",
                 ImageBound{133, 133, 133 * 80}},
        StepCase{"dict(type='RandomChoiceResize', scales=[(48, 133), (140, 80)])",
                 ImageBound{140, 133, 140 * 80}},
        StepCase{"dict(type='RandomCrop', crop_size=(120, 90), allow_negative_crop=True)",
                 bound_of(120, 90)},
        StepCase{"dict(type='RandomCrop', crop_type='absolute_range', crop_size=(50, 90), "
                 "allow_negative_crop=True)",
                 bound_of(90, 90)},
        StepCase{"dict(type='RandomCrop', crop_type='relative_range', crop_size=(0.5, 0.7), "
                 "allow_negative_crop=True)"},
        StepCase{"dict(type='RandomResizedCrop', scale=(64, 96))", bound_of(96, 64)},
        StepCase{"dict(type='CenterCrop', crop_size=(100, 60))", bound_of(100, 60)},
        StepCase{"dict(type='Pad', size=(280, 300))"},
        StepCase{"dict(type='Pad', size_divisor=32)"},
        StepCase{"dict(type='Pad', pad_to_square=True, size_divisor=7)"},
        StepCase{"dict(type='Mosaic', img_scale=(64, 48))", bound_of(128, 96)},
        StepCase{"dict(type='Mosaic', img_scale=(64, 48), prob=0.5)"},
        StepCase{"dict(type='RandomAffine', border=(-8, 16))"},
        StepCase{"dict(type='Expand', ratio_range=(1, 3.3))"},
        StepCase{"dict(type='MixUp', img_scale=(64, 48))"},
        StepCase{"dict(type='MinIoURandomCrop')"},
        StepCase{"dict(type='RandomFlip', prob=0.5, direction='diagonal')"},
        StepCase{"dict(type='RandomShift', prob=1.0)"},
        StepCase{"dict(type='PhotoMetricDistortion')"}, StepCase{"dict(type='YOLOXHSVRandomAug')"},
        StepCase{"dict(type='ColorJitter', brightness=0.5)"},
        StepCase{"dict(type='CutOut', n_holes=2, cutout_shape=(8, 8))"},
        StepCase{"dict(type='RandomErasing', n_patches=2, ratio=0.3)"},
        StepCase{"dict(type='Normalize', mean=[0, 0, 0], std=[1, 1, 1])"},
        StepCase{"dict(type='RandomChoice', transforms=[dict(type='Resize', scale=(60, 90)), "
                 "[dict(type='RandomCrop', crop_size=(80, 40), allow_negative_crop=True)]])",
                 ImageBound{80, 90, 60 * 90}},
        StepCase{"dict(type='RandomApply', transforms=dict(type='Resize', scale=(400, 200)))"}));

TEST(PipelineBound, IsComposedFromItsSteps) {
  const std::vector<Transform> steps = {
      step("dict(type='LoadImageFromFile')"),
      step("dict(type='LoadAnnotations')"),
      step("dict(type='RandomResize', scale=(1333, 800), ratio_range=(0.5, 1), keep_ratio=True)"),
      step("dict(type='RandomFlip', prob=0.5)"),
      step("dict(type='Pad', size_divisor=32)"),
      step("dict(type='PackDetInputs')")};
  EXPECT_EQ(bound_behind(steps, {}), (ImageBound{1344, 1344, 1333 * 800 + 31 * (2 * 1333 + 31)}));
  EXPECT_EQ(bound_behind({steps[0], steps[3]}, bound_of(10, 10)), Bound());
}

TEST(PipelineBound, IsUnknownAfterAStepWithoutBound) {
  Transform silent = {.name = "Mine", .use = {.updates = Field::image}};
  EXPECT_EQ(bound_behind({silent}, bound_of(10, 10)), Bound());
  silent.use = {.updates = Field::boxes};
  EXPECT_EQ(bound_behind({silent}, bound_of(10, 10)), bound_of(10, 10));
}

// Images of random, growing size, in batches of two.
class SlotBound : public testing::Test {
 protected:
  SlotBound() { write_shapes({.images = 16, .val = 1, .size = {96, 64}}, folder_.path()); }

  Loader loader(const std::string& resize, const std::string& collate = "pseudo_collate") const {
    const std::string text =
        "train_dataloader = dict(batch_size=2, sampler=dict(type='DefaultSampler', shuffle=True), "
        "collate_fn=dict(type='" +
        collate + "'), dataset=" +
        test::shapes_dataset(folder_.path(),
                             "dict(type='LoadImageFromFile'), dict(type='LoadAnnotations'), " +
                                 resize + "dict(type='PackDetInputs')") +
        ")\n";
    return make_loader(read_config_text(text).root, "train_dataloader", catalogs(),
                       {.seed = 4, .threads = 1, .prefetch = 1});
  }
  static BatchBufferStats after_epochs(Loader loader) {
    while (loader.state().epoch < 4) (void)loader.next();
    return loader.slots();
  }

  Folder folder_;
};

constexpr auto any_size =
    "dict(type='RandomResize', scale=(96, 64), ratio_range=(0.3, 2.0), keep_ratio=True), ";

TEST_F(SlotBound, AllocatesSlotsOnce) {
  for (const char* collate : {"pseudo_collate", "pad_collate", "pack_collate"}) {
    const BatchBufferStats stats = after_epochs(loader(any_size, collate));
    EXPECT_EQ(stats.grown, 0) << collate;
    EXPECT_GE(stats.bytes, std::size_t{2} * 2 * 192 * 128 * 3) << collate;
  }
}

TEST(PipelineBoundDeathTest, AssertsThatNoImageExceedsIt) {
  Dataset wrong = windows();  // of 16 x 16
  wrong.bound = bound_of(15, 16);
  Planner planner(std::move(wrong), shuffled(), stacked(), {.batch_size = 4});
  BatchPlan plan;
  EXPECT_DEBUG_DEATH(planner.next(plan), "within");
}

TEST_F(SlotBound, GrowsAndCountsSlotsWithoutABound) {
  const BatchBufferStats stats = after_epochs(
      loader("dict(type='RandomChoice', transforms=[dict(type='Resize', scale_factor=1.0), "
             "dict(type='Resize', scale_factor=2.0)], prob=[0.875, 0.125]), "));
  EXPECT_GT(stats.grown, 0);
}

}  // namespace
}  // namespace pinfeed

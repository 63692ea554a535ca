// SPDX-License-Identifier: Apache-2.0
// Steps that mix samples and steps that contain others, in keyed mode. replay_pipelines_test.cpp
// compares them with upstream.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pinfeed/data/loader/loader.h"
#include "pinfeed/inspect/digest.h"
#include "pinfeed/synthetic/shapes.h"
#include "planning.h"
#include "tests/shapes_config.h"

namespace pinfeed {
namespace {

using testing::HasSubstr;

constexpr const char* load = "dict(type='LoadImageFromFile'), dict(type='LoadAnnotations')";

class Mixing : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = new Folder;
    write_shapes({.images = 12, .val = 1, .size = {96, 96}}, folder->path());
  }
  static void TearDownTestSuite() { delete folder; }

  static std::string coco(const std::string& steps) {
    return test::shapes_dataset(folder->path(), steps);
  }

  static std::vector<std::string> digests(const std::string& data, int threads,
                                          LoaderState start = {}) {
    const Value config = read_config_text("train_dataloader = dict(batch_size=2, dataset=" + data +
                                          ", sampler=dict(type='DefaultSampler', shuffle=True))\n")
                             .root;
    Loader loader = make_loader(config, "train_dataloader", catalogs(), {.threads = threads});
    loader.seek(start);
    std::vector<std::string> all;
    for (int epoch = static_cast<int>(start.epoch); epoch < 2; ++epoch) {
      while (std::optional<Batch> batch = loader.next()) all.push_back(digest(*batch));
    }
    return all;
  }

  static Folder* folder;
};
Folder* Mixing::folder = nullptr;

TEST_F(Mixing, IsTheSameForAnyNumberOfThreadsAndAnyStart) {
  const std::string cached =
      coco(std::string(load) +
           ", dict(type='CachedMosaic', img_scale=(64, 64)), dict(type='RandomFlip', prob=0.5), "
           "dict(type='CachedMixUp', img_scale=(64, 64)), dict(type='PackDetInputs')");
  const std::string mixed =
      "dict(type='MultiImageMixDataset', dataset=" + coco(load) +
      ", pipeline=[dict(type='Mosaic', img_scale=(64, 64)), dict(type='RandomAffine', "
      "border=(-32, -32)), dict(type='MixUp', img_scale=(64, 64)), "
      "dict(type='YOLOXHSVRandomAug'), dict(type='PackDetInputs')])";
  for (const std::string& data : {cached, mixed}) {
    const std::vector<std::string> all = digests(data, 1);
    ASSERT_EQ(all.size(), 12U);
    EXPECT_EQ(digests(data, 3), all);
    const std::vector<std::string> late(all.begin() + 8, all.end());
    EXPECT_EQ(digests(data, 2, {1, 2}), late);
    EXPECT_NE(std::vector<std::string>(all.begin(), all.begin() + 6),
              std::vector<std::string>(all.begin() + 6, all.end()));
  }
}

TEST_F(Mixing, RejectsMosaicOutsideAWrapper) {
  const Dataset data = dataset(coco(std::string(load) + ", dict(type='Mosaic')"));
  Arena arena;
  RandomContext random(RandomKey{}, arena);
  EXPECT_THAT(failure([&] { data.plan(0, random); }), HasSubstr("MultiImageMixDataset"));
}

TEST_F(Mixing, AcceptsAPadValuePerChannelInMixUp) {
  const auto mixed_up = [](const std::string& pad_val, const std::string& ratio_range) {
    return digests("dict(type='MultiImageMixDataset', dataset=" + coco(load) +
                       ", pipeline=[dict(type='MixUp', img_scale=(80, 120), ratio_range=" +
                       ratio_range + ", pad_val=" + pad_val + "), dict(type='PackDetInputs')])",
                   2);
  };
  const auto cached = [](const std::string& pad_val) {
    return digests(coco(std::string(load) +
                        ", dict(type='CachedMixUp', img_scale=(64, 64), ratio_range=(1.0, 1.0), "
                        "max_cached_images=20, pad_val=" +
                        pad_val + "), dict(type='PackDetInputs')"),
                   2);
  };
  const std::string jitter = "(0.5, 1.5)";
  EXPECT_EQ(mixed_up("(114, 114, 114)", jitter), mixed_up("114.0", jitter));
  EXPECT_NE(mixed_up("(114, 114, 9)", jitter), mixed_up("114.0", jitter));
  EXPECT_EQ(cached("(114, 114, 114)"), cached("(114)"));
  EXPECT_EQ(mixed_up("114", "(1.0, 1.0)"), mixed_up("114.0", "(1.0, 1.0)"));
}

TEST_F(Mixing, RejectsInvalidPadValuesInMixUp) {
  const auto error = [](const std::string& pad_val) {
    const std::string text =
        failure([&] { step("dict(type='CachedMixUp', pad_val=" + pad_val + ")"); });
    return text.substr(0, text.find('\n'));
  };
  EXPECT_EQ(error("(114, 114)"),
            "error: pad_val must be float, or a tuple of three, not tuple (114, 114)");
  EXPECT_EQ(error("(114, 114, 300)"),
            "error: pad_val is (114, 114, 300); it must be between 0 and 255");
  EXPECT_EQ(error("0.5"), "error: pad_val must be a whole number");
}

TEST_F(Mixing, RejectsScalesOfMixUpThatNoImageCanHave) {
  const auto error = [](const std::string& keys) {
    const std::string text = failure([&] { step("dict(type='CachedMixUp', " + keys + ")"); });
    return text.substr(0, text.find('\n'));
  };
  const std::string rule =
      "; with img_scale=(640, 640) both numbers must be between 0.001563 and 25.6";
  for (const std::string number : {"30000000.0", "0.0", "-1.0", "25.7", "0.001"}) {
    EXPECT_EQ(error("ratio_range=(1.0, " + number + ")"),
              "error: ratio_range has " + number + rule);
    EXPECT_EQ(error("ratio_range=(" + number + ", 1.0)"),
              "error: ratio_range has " + number + rule);
  }
  EXPECT_EQ(error("ratio_range=(float('nan'), 1.0)"), "error: ratio_range has nan" + rule);
  EXPECT_EQ(error("img_scale=(0, 64)"),
            "error: img_scale is (0, 64); both sides must be at least 1 pixel");
  EXPECT_NO_THROW(step("dict(type='CachedMixUp', ratio_range=(25.6, 0.0016))"));
}

TEST_F(Mixing, SkipsTheNamedTypes) {
  const std::string text =
      "dict(type='MultiImageMixDataset', skip_type_keys=('Mosaic',), dataset=" + coco(load) +
      ", pipeline=[dict(type='Mosaic', img_scale=(64, 64))])";
  const Dataset data = dataset(text);
  Arena arena;
  RandomContext random(RandomKey{}, arena);
  EXPECT_EQ(data.plan(0, random)->image.size(), (Size{96, 96}));
}

TEST_F(Mixing, RunsOneOfSeveralPipelines) {
  const Dataset data =
      dataset(coco(std::string(load) +
                   ", dict(type='RandomChoice', prob=[0.0, 1.0], transforms=[dict(type='Resize', "
                   "scale=(8, 8)), [dict(type='Resize', scale=(16, 16)), dict(type='RandomApply', "
                   "prob=1.0, transforms=dict(type='Resize', scale=(24, 24)))]])"));
  Arena arena;
  RandomContext random(RandomKey{}, arena);
  EXPECT_EQ(data.plan(0, random)->image.size(), (Size{24, 24}));
  EXPECT_THAT(failure([] {
                step(
                    "dict(type='RandomChoice', transforms=[dict(type='Resize', scale=2)], "
                    "prob=[0.5])");
              }),
              HasSubstr("the numbers of prob must add up to 1"));
}

TEST_F(Mixing, ConcatenatesAndBalances) {
  const Dataset both =
      dataset("dict(type='ConcatDataset', datasets=[" + coco(load) + ", " + coco(load) + "])");
  EXPECT_EQ(both.size, 24);
  Arena arena;
  EXPECT_EQ(both.get(13, arena).img_id, both.get(1, arena).img_id);
  const Dataset balanced =
      dataset("dict(type='ClassBalancedDataset', oversample_thr=9.0, dataset=" + coco(load) + ")");
  EXPECT_GE(balanced.size, 36);  // every class is in at most all images: 3 times each at least
  EXPECT_EQ(balanced.get(0, arena).img_id, balanced.get(1, arena).img_id);
}

}  // namespace
}  // namespace pinfeed

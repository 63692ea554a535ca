// SPDX-License-Identifier: Apache-2.0
// Odd input that is no error, and sizes that are. What is wrong with files of annotations and
// pictures is in coco_dataset_test.cpp, records_test.cpp, masks_test.cpp and tests/image.
#include <gtest/gtest.h>

#include "pinfeed/data/loader.h"
#include "pinfeed/image/codec.h"
#include "planning.h"

namespace pinfeed {
namespace {

class OddInput : public testing::Test {
 protected:
  Loader loader(const std::string& keys, const std::string& steps = "") const {
    const Value config =
        read_config_text(
            "pinfeed = dict(replay='openmmlab', threads=2)\n"
            "train_dataloader = dict(" +
            keys +
            "sampler=dict(type='DefaultSampler', shuffle=False), dataset=dict("
            "type='CustomDataset', data_prefix='" +
            folder.path() + "', with_label=False, pipeline=[dict(type='LoadImageFromFile'), " +
            steps + "dict(type='PackInputs')]))\n")
            .root;
    return make_loader(config, "train_dataloader", catalogs(), loader_options(config));
  }
  void picture(const std::string& name) const {
    image::write_png(image::make_image({20, 10}), folder.path() + "/" + name);
  }
  std::string first_line(const std::string& steps) const {
    const std::string message = failure([&] { (void)loader("", steps + ", ").next(); });
    return message.substr(0, message.find('\n'));
  }

  Folder folder;
};

TEST_F(OddInput, APngNamedJpgIsDecodedByItsContent) {
  picture("a.jpg");
  Loader batches = loader("");
  EXPECT_EQ(batches.next()->samples()[0].ori_shape, (Size{20, 10}));
}

TEST_F(OddInput, ThereMayBeMoreWorkersThanSamples) {
  picture("a.png");
  picture("b.png");
  Loader batches = loader("batch_size=1, num_workers=8, persistent_workers=True, ");
  for (int epoch = 0; epoch < 3; ++epoch) {
    EXPECT_TRUE(batches.next().has_value());
    EXPECT_TRUE(batches.next().has_value());
    EXPECT_FALSE(batches.next().has_value());
  }
}

TEST_F(OddInput, ABatchMayBeLargerThanTheDataSet) {
  picture("a.png");
  Loader batches = loader("batch_size=16, ");
  EXPECT_EQ(batches.next()->samples().size(), 1U);
  EXPECT_FALSE(batches.next().has_value());
}

TEST_F(OddInput, SizesOfNothingAreRefused) {
  picture("a.png");
  EXPECT_EQ(first_line("dict(type='Resize', scale=(0, 0))"),
            "error: cannot resize a picture of 20x10 to 0x0: no pixel is left");
  EXPECT_EQ(first_line("dict(type='Resize', scale=(0, 8), keep_ratio=True)"),
            "error: cannot resize a picture of 20x10 to 0x0: no pixel is left");
  EXPECT_EQ(first_line("dict(type='Resize', scale=(-3, 8))"),
            "error: cannot resize a picture of 20x10 to -3x8: no pixel is left");
  EXPECT_EQ(first_line("dict(type='RandomResize', scale=(8, 8), ratio_range=(0.0, 0.0))"),
            "error: cannot resize a picture of 20x10 to 0x0: no pixel is left");
  EXPECT_EQ(first_line("dict(type='RandomCrop', crop_size=(0, 4))"),
            "error: an absolute crop_size must be two whole numbers, at least 1");
  EXPECT_EQ(first_line("dict(type='CenterCrop', crop_size=0)"),
            "error: crop_size must be at least 1 pixel");
  EXPECT_EQ(first_line("dict(type='RandomResizedCrop', scale=0)"),
            "error: scale must be at least 1 pixel");
  EXPECT_EQ(first_line("dict(type='Pad', size_divisor=0)"),
            "error: size_divisor is 0; it must be at least 1");
  const std::string none = failure([&] { (void)loader("batch_size=0, "); });
  EXPECT_EQ(none.substr(0, none.find('\n')), "error: batch_size is 0; it must be at least 1");
}

TEST_F(OddInput, PicturesOfOtherKindsAreRefusedByStepsThatNeedBytes) {
  picture("a.png");
  EXPECT_EQ(
      first_line("dict(type='Normalize', mean=[0, 0, 0], std=[1, 1, 1]), "
                 "dict(type='Resize', scale=(8, 8), interpolation='bicubic', backend='pillow')"),
      "error: Pillow resizes 8-bit pictures; this one is float32");
  EXPECT_EQ(first_line("dict(type='Normalize', mean=[0, 0, 0], std=[1, 1, 1]), "
                       "dict(type='ColorJitter', brightness=0.4)"),
            "error: ColorJitter takes 8-bit pictures; this one is float32");
}

}  // namespace
}  // namespace pinfeed

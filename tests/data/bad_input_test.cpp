// SPDX-License-Identifier: Apache-2.0
// Unusual input that is not an error, and sizes that are errors. Errors in annotation and image
// files are in coco_dataset_test.cpp, records_test.cpp, masks_test.cpp and tests/image.
#include <gtest/gtest.h>

#include "pinfeed/data/loader/loader.h"
#include "pinfeed/image/codec/codec.h"
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
  void image(const std::string& name) const {
    image::write_png(image::make_image({20, 10}), folder.path() + "/" + name);
  }
  std::string first_line(const std::string& steps) const {
    const std::string message = failure([&] { (void)loader("", steps + ", ").next(); });
    return message.substr(0, message.find('\n'));
  }

  Folder folder;
};

TEST_F(OddInput, APngNamedJpgIsDecodedByItsContent) {
  image("a.jpg");
  Loader batches = loader("");
  EXPECT_EQ(batches.next()->samples()[0].ori_shape, (Size{20, 10}));
}

TEST_F(OddInput, ThereMayBeMoreWorkersThanSamples) {
  image("a.png");
  image("b.png");
  Loader batches = loader("batch_size=1, num_workers=8, persistent_workers=True, ");
  for (int epoch = 0; epoch < 3; ++epoch) {
    EXPECT_TRUE(batches.next().has_value());
    EXPECT_TRUE(batches.next().has_value());
    EXPECT_FALSE(batches.next().has_value());
  }
}

TEST_F(OddInput, ABatchMayBeLargerThanTheDataSet) {
  image("a.png");
  Loader batches = loader("batch_size=16, ");
  EXPECT_EQ(batches.next()->samples().size(), 1U);
  EXPECT_FALSE(batches.next().has_value());
}

TEST_F(OddInput, EmptySizesAreRefused) {
  image("a.png");
  EXPECT_EQ(first_line("dict(type='Resize', scale=(0, 0))"),
            "error: cannot resize an image of 20x10 to 0x0: no pixel is left");
  EXPECT_EQ(first_line("dict(type='Resize', scale=(0, 8), keep_ratio=True)"),
            "error: cannot resize an image of 20x10 to 0x0: no pixel is left");
  EXPECT_EQ(first_line("dict(type='Resize', scale=(-3, 8))"),
            "error: cannot resize an image of 20x10 to -3x8: no pixel is left");
  EXPECT_EQ(first_line("dict(type='RandomResize', scale=(8, 8), ratio_range=(0.0, 0.0))"),
            "error: cannot resize an image of 20x10 to 0x0: no pixel is left");
  EXPECT_EQ(first_line("dict(type='RandomCrop', crop_size=(0, 4))"),
            "error: an absolute crop_size must be two whole numbers, at least 1");
  EXPECT_EQ(first_line("dict(type='CenterCrop', crop_size=0)"),
            "error: crop_size must be at least 1 pixel");
  EXPECT_EQ(first_line("dict(type='RandomResizedCrop', scale=0)"),
            "error: scale must be at least 1 pixel");
  EXPECT_EQ(first_line("dict(type='Pad', size_divisor=0)"),
            "error: size_divisor is 0; it must be at least 1");
  const std::string none = failure([&] { (void)loader("batch_size=0, "); });
  EXPECT_EQ(none.substr(0, none.find('\n')),
            "error: batch_size is 0; it must be between 1 and 1000000");
}

TEST_F(OddInput, AbsurdNumbersAreRefusedWithTheRange) {
  image("a.png");
  const auto refused = [&](const std::string& keys) {
    const std::string message = failure([&] { (void)loader(keys); });
    return message.substr(0, message.find('\n'));
  };
  EXPECT_EQ(refused("batch_size=9223372036854775807, "),
            "error: batch_size is 9223372036854775807; it must be between 1 and 1000000");
  EXPECT_EQ(refused("batch_size=2147483647, "),
            "error: batch_size is 2147483647; it must be between 1 and 1000000");
  EXPECT_EQ(refused("num_workers=2147483647, "),
            "error: num_workers is 2147483647; it must be between 0 and 10000");
  EXPECT_EQ(refused("num_workers=9223372036854775807, "),
            "error: num_workers is 9223372036854775807; it must be between -2147483648 and "
            "2147483647");
  const auto own = [](const std::string& keys) {
    const Value config = read_config_text("pinfeed = dict(" + keys + ")\n").root;
    const std::string message = failure([&] { (void)loader_options(config); });
    return message.substr(0, message.find('\n'));
  };
  EXPECT_EQ(own("prefetch=2147483647"),
            "error: prefetch is 2147483647; it must be between 1 and 1000");
  EXPECT_EQ(own("threads=2147483647"),
            "error: threads is 2147483647; it must be between 1 and 1024");
  EXPECT_EQ(own("io_threads=2147483647"),
            "error: io_threads is 2147483647; it must be between 1 and 1024");
}

TEST_F(OddInput, AFileMuchLargerThanItsImageIsRefused) {
  image("a.png");
  std::filesystem::resize_file(folder.path() + "/a.png", std::uintmax_t{40} << 30U);
  const std::string message = failure([&] { (void)loader("").next(); });
  const std::string expected = "error: '" + folder.path() +
                               "/a.png' has 42949672960 bytes; an image of 20x10 may have 67110464 "
                               "at most\n";
  EXPECT_EQ(message.substr(0, expected.size()), expected);
  EXPECT_NE(message.find("on_bad_sample='skip'"), std::string::npos) << message;
}

TEST_F(OddInput, ResultsThatFitNoMemoryAreRefusedBeforeRendering) {
  image("a.png");
  const std::string most = "; it may have 268435456 pixels at most";
  EXPECT_EQ(first_line("dict(type='Resize', scale=(1000000, 1000000))"),
            "error: an image of 20x10 would become 1000000x1000000" + most);
  EXPECT_EQ(first_line("dict(type='Resize', scale_factor=1e9)"),
            "error: an image of 20x10 would become 2147483647x2147483647" + most);
  EXPECT_EQ(first_line("dict(type='Pad', size=(1000000, 1000000))"),
            "error: an image of 20x10 would become 1000000x1000000" + most);
  EXPECT_EQ(first_line("dict(type='Expand', prob=1.0, ratio_range=(1e300, 1e300))"),
            "error: an image of 20x10 would become 2147483647x2147483647" + most);
  EXPECT_EQ(first_line("dict(type='Pad', size_divisor=2147483647, padding_mode='edge')"),
            "error: an image of 20x10 would become 2147483647x2147483647" + most);
  EXPECT_EQ(first_line("dict(type='RandomResizedCrop', scale=(2147483647, 2), max_attempts=0, "
                       "aspect_ratio_range=(0.5, 3.0))"),
            "error: an image of 20x10 would become 2x2147483647" + most);
}

TEST_F(OddInput, OrdersThatFitNoMemoryAreRefused) {
  image("a.png");
  const auto repeated = [&](const std::string& times) {
    const std::string text =
        "pinfeed = dict(threads=1)\ntrain_dataloader = dict(sampler=dict(type='DefaultSampler'), "
        "dataset=dict(type='RepeatDataset', times=" +
        times + ", dataset=dict(type='CustomDataset', data_prefix='" + folder.path() +
        "', with_label=False, pipeline=[dict(type='LoadImageFromFile'), "
        "dict(type='PackInputs')])))\n";
    const Value config = read_config_text(text).root;
    const std::string message = failure(
        [&] { (void)make_loader(config, "train_dataloader", catalogs(), loader_options(config)); });
    return message.substr(0, message.find('\n'));
  };
  EXPECT_EQ(repeated("1000000000000"),
            "error: no memory for the order of 1000000000000 samples, which the sampler stores");
  EXPECT_EQ(repeated("0"), "error: times is 0; it must be at least 1");
  image("b.png");
  EXPECT_EQ(repeated("9223372036854775807"),
            "error: times is 9223372036854775807; it must be between 1 and 500000000000, since the "
            "data set has 2 samples");
}

// The first half of the file is valid and is followed by an end marker and zeros.
TEST_F(OddInput, ADamagedJpegIsReportedOnce) {
  image::Image noise = image::make_image({64, 64});
  Mt19937 words(1);
  for (std::size_t i = 0; i < noise.pixels.bytes(); ++i) {
    noise.pixels.data()[i] = static_cast<std::byte>(words.next());
  }
  const std::string path = folder.path() + "/a.jpg";
  image::write_jpeg(noise, path);
  std::string bytes(std::filesystem::file_size(path), '\0');
  std::ifstream(path, std::ios::binary).read(bytes.data(), std::ssize(bytes));
  bytes.replace(bytes.size() / 2, 2, "\xFF\xD9");
  folder.file("a.jpg", bytes);
  Loader batches = loader("");
  std::vector<std::string> warnings;
  batches.warn_to([&](const std::string& text) { warnings.push_back(text); });
  for (int epoch = 0; epoch < 2; ++epoch) {
    EXPECT_TRUE(batches.next().has_value());
    EXPECT_FALSE(batches.next().has_value());
  }
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0], path +
                             " is damaged: a part of its data is invalid, and pixels after "
                             "it may be wrong");
}

TEST_F(OddInput, FloatImagesAreRefusedByStepsThatNeedBytes) {
  image("a.png");
  EXPECT_EQ(
      first_line("dict(type='Normalize', mean=[0, 0, 0], std=[1, 1, 1]), "
                 "dict(type='Resize', scale=(8, 8), interpolation='bicubic', backend='pillow')"),
      "error: Pillow resizes 8-bit images; this one is float32");
  EXPECT_EQ(first_line("dict(type='Normalize', mean=[0, 0, 0], std=[1, 1, 1]), "
                       "dict(type='ColorJitter', brightness=0.4)"),
            "error: ColorJitter takes uint8 images; this one is float32");
}

}  // namespace
}  // namespace pinfeed

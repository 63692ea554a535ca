// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <filesystem>
#include <map>

#include "pinfeed/image/expression/render.h"
#include "transform_steps.h"

namespace pinfeed {
namespace {

using testing::ElementsAre;

using LoadTest = Transforms;
using PackTest = Transforms;
using RandomResizedCropTest = Transforms;

TEST_F(LoadTest, ConvertsAnnotationsToFloat32) {
  const std::vector<Instance> instances = {{.x1 = 0.1, .y1 = 2, .x2 = 3, .y2 = 4, .label = 7},
                                           {.x1 = 1, .y1 = 2, .x2 = 3, .y2 = 4, .ignore = true}};
  Sample one(arena);
  one.fields = Field::instances;
  one.instances = instances;
  apply_step("dict(type='LoadAnnotations', with_bbox=True)", one);
  EXPECT_EQ(one.boxes[0].x1, 0.1F);
  EXPECT_THAT(one.labels, ElementsAre(7, 0));
  EXPECT_THAT(one.ignore_flags, ElementsAre(0, 1));
  EXPECT_EQ(
      refusal("dict(type='LoadAnnotations', with_seg=True)"),
      "error: LoadAnnotations does not support 'with_seg': semantic maps are not supported yet");
}

TEST_F(LoadTest, ExplainsWhyGreyAndUnchangedImagesAreRejected) {
  const std::string message =
      failure([] { step("dict(type='LoadImageFromFile', color_type='grayscale')"); });
  EXPECT_THAT(message, testing::HasSubstr("error: color_type must be 'color' or "
                                          "'color_ignore_orientation', not str 'grayscale'\n"));
  EXPECT_THAT(message, testing::HasSubstr("help: images are decoded to three channels of 8 bits"));
}

// The local file system has the name 'disk' in mmcv's older form of backend_args.
TEST_F(LoadTest, TakesTheOlderNameOfTheLocalFileSystem) {
  for (const std::string name : {"LoadImageFromFile", "LoadAnnotations"}) {
    const auto refused = [&](const std::string& keys) {
      const std::string message = failure([&] { step("dict(type='" + name + "', " + keys + ")"); });
      return message.substr(0, message.find('\n'));
    };
    EXPECT_EQ(refused("file_client_args=dict(backend='disk')"), "no error");
    EXPECT_EQ(refused("file_client_args=None, backend_args=None"), "no error");
    EXPECT_EQ(refused("file_client_args=dict(backend='petrel')"),
              "error: file_client_args must be None or dict(backend='disk'), not dict "
              "dict(backend='petrel')");
    EXPECT_EQ(refused("file_client_args=dict(backend='disk', x=1)"),
              "error: file_client_args must be None or dict(backend='disk'), not dict "
              "dict(backend='disk', x=1)");
    EXPECT_EQ(refused("file_client_args=dict(backend='disk'), backend_args=dict(backend='local')"),
              "error: backend_args and file_client_args exclude each other");
  }
}

TEST_F(LoadTest, ReadsTheHeaderOnly) {
  const Folder folder;
  image::Image red = image::make_image({6, 4});
  std::fill_n(red.pixels.data(), red.pixels.bytes(), std::byte{9});
  const std::string path = folder.path() + "/a.png";
  image::write_png(red, path);
  Sample one(arena);
  one.img_path = path;
  apply_step("dict(type='LoadImageFromFile', backend_args=None)", one);
  EXPECT_EQ(one.image.size(), (Size{6, 4}));
  EXPECT_EQ(one.ori_shape, (Size{6, 4}));
  EXPECT_EQ(one.encoded->header.stored, (Size{6, 4}));
  EXPECT_TRUE(one.encoded->bytes.empty());
  apply_step("dict(type='LoadImageFromFile', to_float32=True)", one);
  EXPECT_EQ(one.image.dtype(), DType::float32);
}

TEST_F(LoadTest, IgnoresMissingAndEmptyFilesWithIgnoreEmpty) {
  const Folder folder;
  const std::string empty = folder.file("empty.jpg", "");
  for (const std::string& path : {empty, folder.path() + "/none.jpg"}) {
    Sample one(arena);
    one.img_path = path;
    EXPECT_FALSE(apply_step("dict(type='LoadImageFromFile', ignore_empty=True)", one));
    EXPECT_NE(failure([&] { apply_step("dict(type='LoadImageFromFile')", one); }), "no error");
  }
}

// mmcv's two decoders differ only for three of these images.
TEST_F(LoadTest, AcceptsPillowIfThePixelsAreTheSame) {
  const std::map<std::string, std::string> others = {
      {"cmyk.jpg", "CMYK"}, {"grey_16.png", "16-bit grey"}, {"grey_alpha.png", "grey with alpha"}};
  int compared = 0;
  for (const auto& file :
       std::filesystem::directory_iterator(PINFEED_SOURCE_DIR "/tests/golden/images")) {
    const std::string path = file.path().string();
    Sample one(arena);
    one.img_path = path;
    EXPECT_EQ(failure([&] { apply_step("dict(type='LoadImageFromFile')", one); }), "no error");
    const std::string message = failure(
        [&] { apply_step("dict(type='LoadImageFromFile', imdecode_backend='pillow')", one); });
    const auto other = others.find(file.path().filename().string());
    EXPECT_EQ(message.substr(0, message.find('\n')),
              other == others.end()
                  ? "no error"
                  : "error: imdecode_backend='pillow' decodes a " + other->second +
                        " image to pixels that are not reproduced")
        << path;
    ++compared;
  }
  EXPECT_GT(compared, 30);
}

TEST_F(LoadTest, ReadsLocalFilesOnly) {
  EXPECT_NE(step("dict(type='LoadImageFromFile', backend_args=dict(backend='local'))").name, "");
  EXPECT_EQ(refusal("dict(type='LoadImageFromFile', backend_args=dict(backend='petrel'))"),
            "error: backend_args must be None or dict(backend='local'), not dict "
            "dict(backend='petrel')");
}

TEST_F(PackTest, SeparatesIgnoredObjects) {
  Sample one = sample({100, 80}, {{1, 2, 3, 4}, {5, 6, 7, 8}});
  one.ignore_flags[0] = 1;
  one.img_id = 12;
  one.img_path = "a/b.jpg";
  apply_step("dict(type='PackDetInputs')", one);
  EXPECT_EQ(one.packed.find("inputs")->as<image::ImageExpr>()->size(), (Size{100, 80}));
  const TreeNode& element = *one.packed.find("data_samples");
  EXPECT_EQ(element.kind_name(), "DetDataSample");
  const Tensor& boxes = *element.find("gt_instances")->find("bboxes")->as<Tensor>();
  EXPECT_EQ(boxes.shape, (Shape{1, 4}));
  EXPECT_EQ(boxes.data_as<float>()[0], 5.0F);
  const TreeNode& ignored = *element.find("ignored_instances");
  EXPECT_EQ(ignored.find("labels")->as<Tensor>()->data_as<std::int64_t>()[0], 0);
  EXPECT_EQ(ignored.find("bboxes")->as<Tensor>()->data_as<float>()[3], 4.0F);
}

TEST_F(PackTest, OmitsAbsentMetadata) {
  Sample one = sample({100, 80});
  one.img_path = "a/b.jpg";
  apply_step("dict(type='PackDetInputs')", one);
  const TreeNode& meta = *one.packed.find("data_samples")->find("metainfo");
  EXPECT_THAT(meta.as<MapNode>()->keys,
              ElementsAre("img_id", "img_path", "ori_shape", "img_shape"));
  apply_step("dict(type='RandomFlip', prob=0.0)", one);
  apply_step("dict(type='PackDetInputs', meta_keys=('flip_direction', 'unheard_of', 'flip'))", one);
  const TreeNode& flip = *one.packed.find("data_samples")->find("metainfo");
  EXPECT_THAT(flip.as<MapNode>()->keys, ElementsAre("flip_direction", "flip"));
  EXPECT_EQ(flip.find("flip_direction")->kind_name(), "NoneType");
  EXPECT_EQ(refusal("dict(type='PackDetInputs', meta_keys=['homography_matrix'])"),
            "error: meta_keys names 'homography_matrix', which is not supported yet");
}

TEST_F(PackTest, PacksEmptyInstancesWithoutAnnotations) {
  Sample one = sample({100, 80});
  one.fields = Field::image;
  apply_step("dict(type='PackDetInputs')", one);
  const TreeNode& element = *one.packed.find("data_samples");
  EXPECT_TRUE(element.find("gt_instances")->as<ElementNode>()->keys.empty());
  EXPECT_TRUE(element.find("ignored_instances")->as<ElementNode>()->keys.empty());
}

TEST_F(PackTest, PacksForPreTraining) {
  Sample one = sample({100, 80});
  one.fields = Field::image | Field::gt_label;
  one.gt_label = 3;
  one.index = 5;
  apply_step("dict(type='PackInputs')", one);
  const TreeNode& element = *one.packed.find("data_samples");
  EXPECT_EQ(element.kind_name(), "DataSample");
  EXPECT_EQ(*element.find("gt_label")->as<Tensor>()->data_as<std::int64_t>(), 3);
  EXPECT_EQ(*element.find("metainfo")->find("sample_idx")->as<std::int64_t>(), 5);
}

TEST_F(RandomResizedCropTest, SamplesAreaAspectRatioAndPosition) {
  Sample one = sample({640, 427});
  apply_step("dict(type='RandomResizedCrop', scale=(20, 30), crop_ratio_range=(0.2, 1.0))", one);
  EXPECT_EQ(one.image.size(), (Size{30, 20}));  // scale is (h, w)
}

TEST_F(RandomResizedCropTest, UsesTheCentreIfNoWindowFits) {
  Sample one = sample({1000, 10});
  apply_step("dict(type='RandomResizedCrop', scale=8, max_attempts=0)", one, 3);
  EXPECT_EQ(one.image.size(), (Size{8, 8}));
  EXPECT_EQ(next_double, first_double(3));  // no random number was used
}

TEST_F(RandomResizedCropTest, RejectsUnsupportedOptions) {
  EXPECT_EQ(refusal("dict(type='RandomResizedCrop', scale=8, backend='tifffile')"),
            "error: backend must be 'cv2' or 'pillow', not str 'tifffile'");
  EXPECT_EQ(
      refusal("dict(type='RandomResizedCrop', scale=8, crop_ratio_range=(1.0, 0.2))"),
      "error: crop_ratio_range and aspect_ratio_range must be (min, max) with 0 < min <= max");
}

}  // namespace
}  // namespace pinfeed

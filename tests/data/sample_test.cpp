// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/sample.h"

#include <gtest/gtest.h>

#include <array>

namespace pinfeed {
namespace {

const Error unusable_record(ErrorKind::data, "bad");

// The structured bindings name every member: a new member does not compile until it is set here.
void set_values(Sample& sample, const image::ImageExpr& image, image::Encoded* encoded) {
  auto& [fields, index, img_id, img_id_text, has_img_id, img_path, file_name, path_in_root,
         annotated, segmentations, gt_label, bad, expression, stored, ori_shape, img_shape,
         scale_factor, flip_known, flip, normalization] = static_cast<SampleValues&>(sample);
  fields = Field::boxes | Field::masks;
  index = 1;
  img_id = 2;
  img_id_text = "three";
  has_img_id = false;
  img_path = "four.jpg";
  file_name = "five.jpg";
  path_in_root = "five/b.jpg";
  annotated = {6, 7};
  segmentations = reinterpret_cast<const SegmentationFile*>(&sample);  // only compared
  gt_label = 8;
  bad = &unusable_record;
  expression = image;
  stored = encoded;
  ori_shape = {9, 10};
  img_shape = {11, 12};
  scale_factor = {13.0, 14.0};
  flip_known = true;
  flip = image::FlipDirection::diagonal;
  normalization = image::Normalization{.mean = {15, 16, 17}, .std = {18, 19, 20}, .to_rgb = true};
}

void set_arrays(Sample& sample, std::span<const Instance> objects, Arena& arena) {
  auto& [instances, boxes, labels, ignore_flags, masks, packed, extra] =
      static_cast<SampleArrays&>(sample);
  instances = objects;
  boxes.push_back({1, 2, 3, 4});
  labels.push_back(5);
  ignore_flags.push_back(6);
  masks.polygons = true;
  masks.size = {7, 8};
  masks.outlines.push_back(arena.make<image::Outline>(image::Outline{.size = {7, 8}}));
  packed = {std::int64_t{9}};
  set(extra, "depth", {10.0});
}

void expect_equal_values(const Sample& copy, const Sample& sample) {
  EXPECT_EQ(copy.fields, sample.fields);
  EXPECT_EQ(copy.index, sample.index);
  EXPECT_EQ(copy.img_id, sample.img_id);
  EXPECT_EQ(copy.img_id_text, sample.img_id_text);
  EXPECT_EQ(copy.has_img_id, sample.has_img_id);
  EXPECT_EQ(copy.img_path, sample.img_path);
  EXPECT_EQ(copy.file_name, sample.file_name);
  EXPECT_EQ(copy.path_in_root, sample.path_in_root);
  EXPECT_EQ(copy.annotated, sample.annotated);
  EXPECT_EQ(copy.segmentations, sample.segmentations);
  EXPECT_EQ(copy.gt_label, sample.gt_label);
  EXPECT_EQ(copy.bad, sample.bad);
}

void expect_equal_images(const Sample& copy, const Sample& sample) {
  EXPECT_EQ(copy.image.size(), sample.image.size());
  EXPECT_EQ(copy.encoded, sample.encoded);
  EXPECT_EQ(copy.ori_shape, sample.ori_shape);
  EXPECT_EQ(copy.img_shape, sample.img_shape);
  EXPECT_EQ(copy.scale_factor, sample.scale_factor);
  EXPECT_EQ(copy.flip_known, sample.flip_known);
  EXPECT_EQ(copy.flip, sample.flip);
  EXPECT_EQ(copy.normalization->mean, sample.normalization->mean);
}

TEST(Sample, CopiesEveryMemberIntoTheOtherArena) {
  const std::array<Instance, 1> objects = {Instance{.x1 = 1.5, .label = 3}};
  std::byte pixel = {};
  image::Encoded encoded;
  Arena copies;
  std::optional<Sample> copy;
  Arena arena;
  Sample sample(arena);
  const image::ImageExpr image =
      image::plain({.data = &pixel, .height = 12, .width = 11, .row_bytes = 33}, arena);
  set_values(sample, image, &encoded);
  set_arrays(sample, objects, arena);
  copy.emplace(copied(sample, copies));
  expect_equal_values(*copy, sample);
  expect_equal_images(*copy, sample);
  EXPECT_EQ(copy->arena, &copies);
  ASSERT_EQ(copy->instances.size(), 1U);
  EXPECT_NE(copy->instances.data(), sample.instances.data());
  EXPECT_EQ(copy->instances[0].label, 3);
  EXPECT_EQ(copy->boxes, sample.boxes);
  EXPECT_EQ(copy->boxes.get_allocator().resource(), &copies);
  EXPECT_EQ(copy->labels, sample.labels);
  EXPECT_EQ(copy->ignore_flags, sample.ignore_flags);
  EXPECT_TRUE(copy->masks.polygons);
  EXPECT_EQ(copy->masks.size, sample.masks.size);
  EXPECT_EQ(copy->masks.outlines, sample.masks.outlines);
  EXPECT_EQ(*copy->packed.as<std::int64_t>(), 9);
  EXPECT_EQ(*copy->extra.find("depth")->as<double>(), 10.0);
}

TEST(Sample, KeepsTheObjectsWhoseFlagIsSet) {
  Arena arena;
  Sample sample(arena);
  sample.fields = Field::boxes | Field::labels;
  sample.boxes = {{0, 0, 1, 1}, {0, 0, 2, 2}, {0, 0, 3, 3}};
  sample.labels = {1, 2, 3};
  keep_objects(sample, std::array<std::uint8_t, 3>{1, 0, 1});
  EXPECT_EQ(sample.boxes, (std::pmr::vector<Box>{{0, 0, 1, 1}, {0, 0, 3, 3}}));
  EXPECT_EQ(sample.labels, (std::pmr::vector<std::int64_t>{1, 3}));
}

}  // namespace
}  // namespace pinfeed

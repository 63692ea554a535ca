// SPDX-License-Identifier: Apache-2.0
// The rules of docs/specs/openmmlab-data.md, 4.2 and 6.6, and the vectors of 9.
#include "pinfeed/data/masks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "pinfeed/annotations/segmentation.h"
#include "pinfeed/data/transforms/list.h"
#include "planning.h"

namespace pinfeed {
namespace {

Segmentation segmentation(const std::string& json, Size size, Arena& arena) {
  return read_segmentation(json, size, arena);
}

Masks bitmaps(const std::vector<std::string>& jsons, Size size, Arena& arena) {
  Masks masks(arena);
  masks.size = size;
  for (const std::string& json : jsons) {
    const auto* outline = arena.make<image::Outline>(segmentation(json, size, arena).outline);
    masks.bitmaps.push_back(image::outlined(outline, arena));
  }
  return masks;
}

std::string failed(const std::string& json) {
  Arena arena;
  const std::string message = failure([&] { segmentation(json, {60, 50}, arena); });
  return message.substr(0, message.find('\n'));
}

TEST(Outline, CoversThePixelsOfPycocotools) {
  Arena arena;
  const Masks masks =
      bitmaps({"[[10.5, 10.5, 40.2, 12.0, 35.0, 45.7]]", "[[10, 10, 20, 10, 20, 20, 10, 20]]"},
              {60, 50}, arena);
  EXPECT_EQ(area_of(masks, 0), 499);
  EXPECT_EQ(box_of(masks, 0), (Box{11, 11, 40, 45}));
  EXPECT_EQ(area_of(masks, 1), 100);
  EXPECT_EQ(box_of(masks, 1), (Box{10, 10, 20, 20}));
}

TEST(Outline, ReadsRunLengthsAsListsAndAsText) {
  Arena arena;
  const Masks masks = bitmaps({"{\"size\": [50, 60], \"counts\": \"n?:X100000000000000000Vn1\"}",
                               "{\"size\": [50, 60], \"counts\": [0, 3, 2997]}",
                               "{\"size\": [50, 60], \"counts\": [3000]}"},
                              {60, 50}, arena);
  EXPECT_EQ(box_of(masks, 0), (Box{10, 10, 20, 20}));
  EXPECT_EQ(area_of(masks, 0), 100);
  EXPECT_EQ(box_of(masks, 1), (Box{0, 0, 1, 3}));
  EXPECT_EQ(box_of(masks, 2), (Box{}));
}

TEST(Outline, IsTheUnionOfItsParts) {
  Arena arena;
  const Masks masks =
      bitmaps({"[[10, 10, 20, 10, 20, 20, 10, 20], [15, 10, 25, 10, 25, 20, 15, 20], [1, 2, 3]]"},
              {60, 50}, arena);
  EXPECT_EQ(area_of(masks, 0), 150);
}

TEST(Segmentation, IsInvalidWhereUpstreamIgnoresTheObject) {
  Arena arena;
  EXPECT_FALSE(segmentation("[[1, 2, 3, 4]]", {60, 50}, arena).valid);
  EXPECT_FALSE(segmentation("{\"size\": [50, 60]}", {60, 50}, arena).valid);
  EXPECT_FALSE(segmentation("{\"size\": [50, 60], \"counts\": 7}", {60, 50}, arena).valid);
  EXPECT_TRUE(segmentation("[[1, 2, 3, 4, 5, 6]]", {60, 50}, arena).valid);
}

TEST(Segmentation, ReportsWhatIsWrong) {
  EXPECT_EQ(failed("[[1, 2, \"x\", 4, 5, 6]]"),
            "error: its segmentation holds a coordinate that is no number");
  EXPECT_EQ(failed("[[1, 2, 1e9, 4, 5, 6]]"),
            "error: its segmentation holds the coordinate 1000000000");
  EXPECT_EQ(failed("{\"size\": [5, 6], \"counts\": [30]}"),
            "error: its segmentation is of 6x5, its image is of 60x50");
  EXPECT_EQ(failed("{\"size\": [50, 60], \"counts\": [30]}"),
            "error: its segmentation has run lengths of 30 pixels, its image has 3000");
  EXPECT_EQ(failed("{\"size\": [50, 60], \"counts\": \"!\"}"),
            "error: its segmentation holds 'counts' that are no run lengths");
  EXPECT_EQ(failed("[[1, 2, 1e308, 4, 5, 6]]"),
            "error: its segmentation holds the coordinate 1e+308");
  EXPECT_EQ(failed("{\"size\": [50, 60], \"counts\": [1000000000000]}"),
            "error: its segmentation holds a run length of 1000000000000, longer than any image");
  EXPECT_EQ(failed("{\"counts\": [30], \"size\": nul}"),
            "error: its segmentation has a 'size' that is no list");
}

TEST(Masks, AreResizedFlippedCroppedAndPadded) {
  Arena arena;
  Masks masks = bitmaps({"[[10, 10, 20, 10, 20, 20, 10, 20]]"}, {60, 50}, arena);
  resize(masks, {120, 100}, arena);
  EXPECT_EQ(box_of(masks, 0), (Box{20, 20, 40, 40}));
  flip(masks, image::FlipDirection::horizontal, arena);
  EXPECT_EQ(box_of(masks, 0), (Box{80, 20, 100, 40}));
  crop(masks, {90, 30, 20, 30});
  EXPECT_EQ(box_of(masks, 0), (Box{0, 0, 10, 10}));
  pad(masks, {40, 64}, 0);
  expand(masks, {80, 80}, 5, 7, arena);
  EXPECT_EQ(box_of(masks, 0), (Box{5, 7, 15, 17}));
  const Tensor pixels = pixels_of(masks);
  EXPECT_EQ(pixels.shape, (Shape{1, 80, 80}));
  const auto* values = pixels.data_as<std::uint8_t>();
  EXPECT_EQ(std::accumulate(values, values + pixels.bytes(), 0), 100);
}

TEST(Masks, TransformPolygonCorners) {
  Arena arena;
  Masks masks(arena);
  masks.polygons = true;
  masks.size = {60, 50};
  masks.outlines.push_back(arena.make<image::Outline>(
      segmentation("[[10, 10, 20, 10, 20, 20, 10, 20]]", {60, 50}, arena).outline));
  resize(masks, {120, 50}, arena);
  flip(masks, image::FlipDirection::vertical, arena);
  EXPECT_EQ(box_of(masks, 0), (Box{20, 30, 40, 40}));
  EXPECT_EQ(area_of(masks, 0), 200);
}

TEST(Masks, CropPolygonsToTheWindow) {
  Arena arena;
  const auto* outline = arena.make<image::Outline>(
      segmentation("[[10, 10, 20, 10, 20, 20, 10, 20], [40, 40, 48, 40, 40, 48]]", {60, 50}, arena)
          .outline);
  const auto cut = [&](const Rect& window) {
    Masks masks(arena);
    masks.polygons = true;
    masks.size = {60, 50};
    masks.outlines.push_back(outline);
    crop(masks, window);
    return masks;
  };
  const Masks square = cut({15, 5, 20, 10});
  EXPECT_EQ(square.size, (Size{20, 10}));
  EXPECT_EQ(square.outlines[0]->polygons.size(), 1U);
  EXPECT_EQ(box_of(square, 0), (Box{0, 5, 5, 10}));
  EXPECT_EQ(area_of(square, 0), 25);
  EXPECT_EQ(area_of(cut({42, 0, 18, 50}), 0), 18);  // of the triangle
  EXPECT_EQ(area_of(cut({0, 0, 60, 50}), 0), 132);
  const Masks none = cut({0, 0, 5, 5});
  EXPECT_EQ(none.count(), 1U);
  EXPECT_EQ(area_of(none, 0), 0);
  EXPECT_EQ(box_of(none, 0), (Box{}));
}

// Two objects: one with a polygon, one with an invalid polygon.
constexpr const char* annotations = R"({"images": [
  {"id": 1, "file_name": "a.jpg", "width": 60, "height": 50}],
  "categories": [{"id": 1, "name": "thing"}],
  "annotations": [
  {"id": 7, "image_id": 1, "category_id": 1, "bbox": [10, 10, 10, 10], "area": 100, "iscrowd": 0,
   "segmentation": [ [10, 10, 20, 10, 20, 20, 10, 20] ]},
  {"id": 8, "image_id": 1, "category_id": 1, "bbox": [1, 1, 9, 9], "area": 81, "iscrowd": 0,
   "segmentation": [[1, 2, 3, 4]]}%s]})";

std::string data_config(const Folder& folder) {
  return "dict(type='CocoDataset', ann_file='" + folder.path() +
         "/a.json', data_prefix=dict(img=''), metainfo=dict(classes=('thing',)))";
}

std::string file_with(const std::string& more) {
  std::string text = annotations;
  return text.replace(text.find("%s"), 2, more);
}

Sample loaded(const Dataset& data, const std::string& keys, Arena& arena) {
  Sample sample = data.get(0, arena);
  sample.fields |= Field::image;
  sample.ori_shape = {60, 50};
  WorkerStream stream(0);
  RandomContext random(stream, arena);
  const Transform load = step("dict(type='LoadAnnotations', with_mask=True" + keys + ")");
  load.apply(sample, random);
  sample.fields |= load.use.creates;
  return sample;
}

TEST(LoadAnnotationsTest, ReadsMasksFromTheFileWhenTheyAreUsed) {
  const Folder folder;
  folder.file("a.json", file_with(""));
  const Dataset data = dataset(data_config(folder));
  Arena arena;
  const Sample sample = loaded(data, "", arena);
  EXPECT_EQ(sample.masks.count(), 2U);
  EXPECT_EQ(area_of(sample.masks, 0), 100);
  EXPECT_EQ(area_of(sample.masks, 1), 0);
  EXPECT_THAT(sample.ignore_flags, testing::ElementsAre(0, 1));
  const Sample polygons = loaded(data, ", poly2mask=False", arena);
  EXPECT_EQ(area_of(polygons.masks, 0), 100);
  EXPECT_THAT(polygons.ignore_flags, testing::ElementsAre(0, 1));
}

// As a transform would move a triangle of integers, from 60 x 50 to 45 x 50.
Box shrunk(Masks masks, Arena& arena) {
  resize(masks, {45, 50}, arena);
  return box_of(masks, 0);
}

TEST(LoadAnnotationsTest, KeepsIntegralPolygonsUnderReplayOnly) {
  const Folder folder;
  folder.file("a.json", file_with(""));
  const Dataset data = dataset(data_config(folder));
  Arena arena;
  const Sample replayed = loaded(data, ", poly2mask=False", arena);
  EXPECT_EQ(shrunk(Masks(replayed.masks, arena), arena), (Box{7, 10, 15, 20}));
  Sample keyed = data.get(0, arena);
  keyed.fields |= Field::image;
  keyed.ori_shape = {60, 50};
  RandomContext random(RandomKey{}, arena);
  step("dict(type='LoadAnnotations', with_mask=True, poly2mask=False)").apply(keyed, random);
  EXPECT_EQ(shrunk(Masks(keyed.masks, arena), arena), (Box{7.5, 10, 15, 20}));
}

TEST(LoadAnnotationsTest, ConvertsRunLengthsToEmptyPolygons) {
  const Folder folder;
  const std::string crowd =
      R"(, {"id": 9, "image_id": 1, "category_id": 1, "bbox": [1, 1, 9, 9], "area": 81,
          "iscrowd": 1, "segmentation": {"size": [50, 60], "counts": [1000, 2000]}})";
  folder.file("a.json", file_with(crowd));
  const Dataset data = dataset(data_config(folder));
  Arena arena;
  const Sample sample = loaded(data, ", poly2mask=False", arena);
  EXPECT_THAT(sample.ignore_flags, testing::ElementsAre(0, 1, 1));
  EXPECT_EQ(area_of(sample.masks, 2), 0);
  EXPECT_EQ(pixels_of(sample.masks).shape, (Shape{3, 50, 60}));
}

TEST(LoadAnnotationsTest, NamesTheAnnotationWithAMissingOrInvalidMask) {
  const Folder folder;
  const std::string more =
      R"(, {"id": 9, "image_id": 1, "category_id": 1, "bbox": [1, 1, 9, 9], "area": 81})";
  folder.file("a.json", file_with(more));
  const Dataset data = dataset(data_config(folder));
  Arena arena;
  EXPECT_EQ(failure([&] { loaded(data, "", arena); }),
            "error: it has no segmentation, neither polygons nor run lengths\n  while reading "
            "annotation 9 of " +
                folder.path() + "/a.json\n");
}

TEST(PackDetInputsTest, SeparatesTheMasksOfIgnoredObjectsWithoutReadingThem) {
  const Folder folder;
  folder.file("a.json", file_with(""));
  const Dataset data = dataset(data_config(folder));
  Arena arena;
  Sample sample = loaded(data, "", arena);
  static std::byte nothing = {};
  sample.image =
      image::plain({.data = &nothing, .height = 50, .width = 60, .row_bytes = 180}, arena);
  WorkerStream stream(0);
  RandomContext random(stream, arena);
  step("dict(type='PackDetInputs')").apply(sample, random);
  const TreeNode& element = *sample.packed.find("data_samples");
  const auto& own = *element.find("gt_instances")->find("masks")->as<Masks>();
  const auto& ignored = *element.find("ignored_instances")->find("masks")->as<Masks>();
  EXPECT_EQ(own.count(), 1U);
  EXPECT_EQ(ignored.count(), 1U);
  EXPECT_EQ(pixels_of(own).shape, (Shape{1, 50, 60}));
}

}  // namespace
}  // namespace pinfeed

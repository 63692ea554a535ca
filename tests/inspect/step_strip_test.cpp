// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/inspect/step_strip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>
#include "pinfeed/data/step_records.h"

#include <array>
#include <cstring>
#include <filesystem>
#include <string>

#include "pinfeed/config/read.h"
#include "pinfeed/data/loader/builtin_catalogs.h"
#include "pinfeed/image/draw/draw.h"
#include "pinfeed/inspect/digest.h"
#include "pinfeed/synthetic/shapes.h"
#include "tests/shapes_config.h"

namespace pinfeed {

// A step that replaces the image, so that no image of the batch needs the file.
struct PaintOver {
  static constexpr auto name = "PaintOver";
};
static void describe(Schema<PaintOver>& schema) { schema.summary("A white image."); }
static FieldUse fields(const PaintOver&) { return {Field::image, Field::image, {}}; }
static bool apply(const PaintOver&, Sample& sample, RandomContext&) {
  auto* pixel = sample.arena->make<std::array<std::byte, 3>>();
  pixel->fill(std::byte{255});
  sample.image = image::plain({.data = pixel->data(), .height = 1, .width = 1}, *sample.arena);
  sample.img_shape = {1, 1};
  return true;
}

namespace {

using testing::ElementsAre;
using testing::SizeIs;

class StepStrip : public testing::Test {
 protected:
  StepStrip() {
    write_shapes({.images = 12, .val = 1}, folder);
    catalogs.transforms.add<PaintOver>();
  }
  ~StepStrip() override { std::filesystem::remove_all(folder); }

  std::string coco(const std::string& steps) const {
    return test::shapes_dataset(folder, "dict(type='LoadImageFromFile'), " + steps);
  }
  Loader loader(const std::string& dataset, bool keep_steps = true, bool replay = false) const {
    const Value config = read_config_text(
                             "default_scope = 'mmdet'\n"
                             "train_dataloader = dict(batch_size=2, "
                             "num_workers=2, persistent_workers=True, "
                             "sampler=dict(type='DefaultSampler', shuffle=True), "
                             "dataset=" +
                             dataset + ")\n")
                             .root;
    return make_loader(config, "train_dataloader", catalogs,
                       {.seed = 3, .replay = replay, .keep_steps = keep_steps});
  }

  const std::string folder =
      (std::filesystem::temp_directory_path() / ("pinfeed-strip-" + std::to_string(::getpid())))
          .string();
  Catalogs catalogs = builtin();
};

const std::string common_steps =
    "dict(type='LoadAnnotations', with_bbox=True, with_mask=True), "
    "dict(type='Resize', scale=(200, 100), keep_ratio=False), "
    "dict(type='RandomFlip', prob=0.5), "
    "dict(type='Normalize', mean=[100, 110, 120], std=[50, 60, 70], to_rgb=True), "
    "dict(type='PackDetInputs')";
const std::string mosaic_steps =
    "[dict(type='Mosaic', img_scale=(96, 96)), dict(type='RandomFlip', prob=0.5), "
    "dict(type='PackDetInputs')]";

std::string mosaic_of(const std::string& inner) {
  return "dict(type='MultiImageMixDataset', dataset=" + inner + ", pipeline=" + mosaic_steps + ")";
}

std::vector<std::string> names_of(const StepRecords& steps) {
  std::vector<std::string> names;
  for (const auto& record : steps.records()) names.push_back(record.step->name);
  return names;
}

TEST_F(StepStrip, RecordsEveryStepOnce) {
  Loader steps = loader(coco(common_steps));
  const auto batch = steps.next();
  ASSERT_THAT(batch->steps(), SizeIs(2));
  for (const StepRecords& records : batch->steps()) {
    EXPECT_THAT(names_of(records), ElementsAre("LoadImageFromFile", "LoadAnnotations", "Resize",
                                               "RandomFlip", "Normalize", "PackDetInputs"));
    EXPECT_EQ(records.records()[0].sample.image.size(), (Size{160, 160}));
    EXPECT_TRUE(records.records()[0].sample.boxes.empty());
    EXPECT_FALSE(records.records()[1].sample.boxes.empty());
    EXPECT_EQ(records.records()[2].sample.image.size(), (Size{200, 100}));
  }
}

// Also in replay, where all samples use one random stream.
TEST_F(StepStrip, LeavesOutTheStepsOfMixedSamples) {
  const std::string dataset = mosaic_of(coco("dict(type='LoadAnnotations', with_bbox=True)"));
  for (const bool replay : {false, true}) {
    Loader steps = loader(dataset, true, replay);
    const auto batch = steps.next();
    EXPECT_THAT(names_of(batch->steps()[1]), ElementsAre("LoadImageFromFile", "LoadAnnotations",
                                                         "Mosaic", "RandomFlip", "PackDetInputs"));
  }
}

TEST_F(StepStrip, DoesNotChangeTheBatch) {
  const std::string mixed = mosaic_of(coco("dict(type='LoadAnnotations', with_bbox=True)"));
  for (const std::string& dataset : {coco(common_steps), mixed}) {
    for (const bool replay : {false, true}) {
      Loader with = loader(dataset, true, replay);
      Loader without = loader(dataset, false, replay);
      for (int i = 0; i < 4; ++i) EXPECT_EQ(digest(*with.next()), digest(*without.next()));
    }
  }
}

// The steps of a dropped sample are discarded.
TEST_F(StepStrip, RecordsTheSampleOfTheBatch) {
  Loader steps =
      loader(coco("dict(type='LoadAnnotations', with_bbox=True), "
                  "dict(type='RandomCrop', crop_size=(40, 40)), "
                  "dict(type='PackDetInputs')"));
  for (int i = 0; i < 6; ++i) {
    const auto batch = steps.next();
    for (std::size_t k = 0; k < batch->samples().size(); ++k) {
      const auto& records = batch->steps()[k].records();
      ASSERT_THAT(records, SizeIs(4));
      for (const auto& record : records)
        EXPECT_EQ(record.sample.img_id, batch->samples()[k].img_id);
    }
  }
}

bool same(const image::Image& a, const image::Image& b) {
  return a.size() == b.size() &&
         std::memcmp(a.pixels.data(), b.pixels.data(), a.pixels.bytes()) == 0;
}

// The fraction of bytes that differ.
double difference(const image::Image& a, const image::Image& b) {
  const auto* first = reinterpret_cast<const std::byte*>(a.at(0, 0));
  const auto* second = reinterpret_cast<const std::byte*>(b.at(0, 0));
  std::size_t different = 0;
  for (std::size_t i = 0; i < a.pixels.bytes(); ++i) different += first[i] != second[i] ? 1U : 0U;
  return static_cast<double>(different) / static_cast<double>(a.pixels.bytes());
}

TEST_F(StepStrip, HasATileForEachVisibleStep) {
  Loader steps = loader(coco(common_steps));
  const auto batch = steps.next();
  const TileStyle style{.classes = &steps.dataset().metainfo.classes, .side = 120, .titled = true};
  const auto tiles = step_strip(*batch, 0, style);
  ASSERT_THAT(tiles, SizeIs(6));  // five steps and the batch
  for (const image::Image& tile : tiles) EXPECT_EQ(tile.size(), (Size{120, 160}));
  EXPECT_FALSE(same(tiles[0], tiles[1]));  // boxes and masks
  for (int y = 44; y < 104; ++y)           // below the title
    ASSERT_EQ(std::memcmp(tiles[4].at(y, 0), tiles[5].at(y, 0), 3 * 120), 0) << y;
}

TEST_F(StepStrip, DrawsMasks) {
  std::string without = common_steps;
  without.replace(without.find("True, with_mask=True"), 20, "True");
  Loader masked = loader(coco(common_steps));
  Loader boxes = loader(coco(without));
  const TileStyle style{.classes = &masked.dataset().metainfo.classes};
  EXPECT_FALSE(same(final_tile(*masked.next(), 0, style), final_tile(*boxes.next(), 0, style)));
}

// OpenMMLab's evaluation pipelines load the objects after Resize, in coordinates of the file. What
// is drawn is the same as where the steps move the objects.
TEST_F(StepStrip, DrawsObjectsThatAreLoadedLateWhereTheyBelong) {
  const std::string load = "dict(type='LoadAnnotations', with_bbox=True, with_mask=True), ";
  const std::string pack = "dict(type='PackDetInputs')";
  for (const std::string& steps :
       {std::string("dict(type='Resize', scale=(320, 80), keep_ratio=False), "),
        std::string("dict(type='Resize', scale=(96, 96), keep_ratio=True), dict(type='Pad', "
                    "size=(128, 112)), "),
        std::string("dict(type='RandomFlip', prob=1.0, direction='diagonal'), ")}) {
    Loader late = loader(coco(steps + load + pack));
    Loader early = loader(coco(load + steps + pack));
    const auto late_batch = late.next();
    const auto early_batch = early.next();
    EXPECT_TRUE(loads_objects_late(*late_batch, 0));
    EXPECT_FALSE(loads_objects_late(*early_batch, 0));
    const auto draw = [&](const Loader& from, const Batch& batch, bool stored) {
      return final_tile(
          batch, 0,
          {.classes = &from.dataset().metainfo.classes, .objects_of_stored_image = stored});
    };
    const image::Image wanted = draw(early, *early_batch, false);
    EXPECT_TRUE(same(draw(early, *early_batch, true), wanted)) << steps;
    EXPECT_LT(difference(draw(late, *late_batch, true), wanted), 0.01) << steps;
    EXPECT_GT(difference(draw(late, *late_batch, false), wanted), 0.02) << steps;
  }
}

TEST_F(StepStrip, ReadsAFileThatTheBatchDoesNotNeed) {
  Loader steps = loader(coco("dict(type='PaintOver'), dict(type='PackDetInputs')"));
  const auto batch = steps.next();
  const TileStyle style{.classes = &steps.dataset().metainfo.classes};
  const auto tiles = step_strip(*batch, 0, style);
  ASSERT_THAT(tiles, SizeIs(3));
  EXPECT_FALSE(same(tiles[0], tiles[1]));
  EXPECT_TRUE(same(tiles[1], tiles[2]));  // white
}

}  // namespace
}  // namespace pinfeed

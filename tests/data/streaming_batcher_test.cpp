// SPDX-License-Identifier: Apache-2.0
// Batches of endless orders. Golden values: from mmdet itself (tools/golden/samplers.py).
#include "pinfeed/data/loader/streaming_batcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pinfeed/data/loader/loader.h"
#include "pinfeed/data/samplers/list.h"
#include "pinfeed/synthetic/shapes.h"
#include "planning.h"
#include "tests/golden_lines.h"
#include "tests/shapes_config.h"

namespace pinfeed {
namespace {

using Numbers = std::vector<std::int64_t>;

// Images of data sets of 11 and 17.
Dataset two_in_a_row() {
  const std::vector<Size> sizes[] = {{{60, 40}, {30, 40}, {40, 40}}, {{20, 50}, {50, 20}}};
  Dataset data;
  data.size = 28;
  data.source_ends = {11, 28};
  data.get = [sizes = std::vector(std::begin(sizes), std::end(sizes))](std::int64_t index,
                                                                       Arena& arena) {
    const std::size_t source = index < 11 ? 0 : 1;
    const auto number = static_cast<std::size_t>(index - (source == 0 ? 0 : 11));
    Sample sample(arena);
    sample.annotated = sizes[source][number % sizes[source].size()];
    return sample;
  };
  return data;
}

StreamingBatcher batcher_for(const std::string& name, const Numbers& sizes,
                             SamplerContext context) {
  const Dataset data = two_in_a_row();
  context.dataset_size = data.size;
  context.dataset = &data;
  context.batch_size = sizes[0];
  const BatchSampler batches =
      name == AspectRatioBatchSampler::name
          ? make(AspectRatioBatchSampler{}, context)
          : make(MultiDataAspectRatioBatchSampler{.batch_size = sizes, .num_datasets = 2}, context);
  return {make(InfiniteSampler{}, context).order(0), batches};
}

Numbers batch_of(StreamingBatcher& batcher, std::int64_t number) {
  const auto [first, end] = batcher.batch_range(number);
  Numbers batch;
  for (std::int64_t position = first; position < end; ++position)
    batch.push_back(batcher.at(position));
  return batch;
}

std::string text_of(const Numbers& batch) {
  std::string text;
  for (const std::int64_t index : batch) text += (text.empty() ? "" : ",") + std::to_string(index);
  return text;
}

TEST(StreamingBatcher, MakesTheBatchesOfMmdet) {
  int compared = 0;
  for (std::istringstream& words : test::golden_lines("endless_batches.txt")) {
    ++compared;
    std::string name;
    Numbers sizes(2);
    SamplerContext context;
    words >> name >> sizes[0] >> sizes[1] >> context.seed >> context.rank >> context.world_size;
    StreamingBatcher batcher = batcher_for(name, sizes, context);
    for (std::int64_t number = 0; number < 30; ++number) {
      std::string expected;
      words >> expected;
      EXPECT_EQ(text_of(batch_of(batcher, number)), expected) << words.str() << " batch " << number;
    }
  }
  EXPECT_EQ(compared, 8);
}

TEST(StreamingBatcher, FindsAnyBatchInAnyOrder) {
  const auto anywhere = [](const std::string& name, const Numbers& sizes, int world_size) {
    const auto batcher = [&] {
      return batcher_for(name, sizes, {.world_size = world_size, .seed = 3});
    };
    StreamingBatcher forward = batcher();
    std::vector<Numbers> all;
    for (std::int64_t number = 0; number < 30'000; ++number) {
      all.push_back(batch_of(forward, number));
    }
    StreamingBatcher jumping = batcher();
    for (const std::int64_t number : {29'999, 29'990, 3, 28'000, 20'000, 0, 25'000, 26'100}) {
      EXPECT_EQ(batch_of(jumping, number), all[static_cast<std::size_t>(number)])
          << name << " of " << world_size << ": " << number;
    }
    StreamingBatcher back = batcher();
    const std::int64_t end = back.batch_range(29'999).second;
    EXPECT_EQ(end, forward.batch_range(29'999).second);
    EXPECT_EQ(back.at(end - 30'000), forward.at(end - 30'000));
    EXPECT_EQ(back.at(0), all[0][0]);
  };
  anywhere(AspectRatioBatchSampler::name, {5, 0}, 1);
  anywhere(AspectRatioBatchSampler::name, {5, 0}, 2);
  anywhere(MultiDataAspectRatioBatchSampler::name, {4, 4}, 1);
  anywhere(MultiDataAspectRatioBatchSampler::name, {13, 2}, 1);
}

class EndlessLoader : public testing::Test {
 protected:
  EndlessLoader() { write_shapes({.images = 12, .val = 1, .size = {96, 64}}, folder.path()); }

  Value config(const std::string& more) const {
    return read_config_text(
               more +
               "\ntrain_dataloader = dict(batch_size=2, num_workers=2, "
               "sampler=dict(type='InfiniteSampler', shuffle=True), "
               "batch_sampler=dict(type='AspectRatioBatchSampler'), "
               "dataset=" +
               test::shapes_dataset(
                   folder.path(),
                   "dict(type='LoadImageFromFile', imdecode_backend='pillow'), "
                   "dict(type='LoadAnnotations'), dict(type='RandomFlip', prob=0.5), "
                   "dict(type='CachedMixUp', img_scale=(64, 64)), dict(type='PackDetInputs')") +
               ")\n")
        .root;
  }
  static std::vector<std::int64_t> ids(Loader& loader, int batches) {
    std::vector<std::int64_t> all;
    for (int i = 0; i < batches; ++i) {
      const std::optional<Batch> batch = loader.next();
      EXPECT_TRUE(batch);
      if (!batch) return all;
      for (const Sample& sample : batch->samples()) all.push_back(sample.index);
    }
    return all;
  }
  Folder folder;
};

TEST_F(EndlessLoader, ContinuesBeyondAnEpochAndResumes) {
  for (const char* replay : {"", "pinfeed = dict(replay='openmmlab')"}) {
    const Value written = config(replay);
    const auto made = [&] {
      return make_loader(written, "train_dataloader", catalogs(), loader_options(written));
    };
    Loader whole = made();
    EXPECT_TRUE(whole.endless());
    const std::vector<std::int64_t> all = ids(whole, 40);
    ASSERT_EQ(all.size(), 80U);
    EXPECT_EQ(whole.state(), (LoaderState{0, 40}));
    Loader late = made();
    late.seek({0, 25});
    EXPECT_EQ(ids(late, 15), std::vector<std::int64_t>(all.begin() + 50, all.end())) << replay;
    whole.seek({0, 4});
    EXPECT_EQ(ids(whole, 3), std::vector<std::int64_t>(all.begin() + 8, all.begin() + 14));
  }
}

}  // namespace
}  // namespace pinfeed

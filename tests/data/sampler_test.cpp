// SPDX-License-Identifier: Apache-2.0
// Golden values: docs/specs/openmmlab-data.md, 9.
#include "pinfeed/data/samplers/list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "planning.h"
#include "tests/golden_lines.h"

namespace pinfeed {
namespace {

using testing::ElementsAre;
using Indices = std::vector<std::int64_t>;

Indices first(const Order& order, std::int64_t count) {
  Indices indices;
  for (std::int64_t k = 0; k < count; ++k) indices.push_back(order.at(k));
  return indices;
}

Indices of_rank(const DefaultSampler& params, int rank, std::uint64_t seed, std::int64_t epoch = 0,
                std::int64_t size = 10, int world = 3) {
  const Sampler sampler =
      make(params, {.dataset_size = size, .rank = rank, .world_size = world, .seed = seed});
  const Order order = sampler.order(epoch);
  return first(order, order.size);
}

TEST(DefaultSampler, GivesTheOrderOfOpenMMLab) {
  EXPECT_THAT(of_rank({}, 0, 0), ElementsAre(4, 5, 0, 2));
  EXPECT_THAT(of_rank({}, 1, 0), ElementsAre(1, 3, 8, 4));
  EXPECT_THAT(of_rank({}, 2, 0), ElementsAre(7, 9, 6, 1));
  EXPECT_THAT(of_rank({}, 0, 42), ElementsAre(2, 8, 0, 7));
  EXPECT_THAT(of_rank({}, 1, 42), ElementsAre(6, 4, 9, 2));
  EXPECT_THAT(of_rank({}, 2, 42), ElementsAre(1, 5, 3, 6));
}

TEST(DefaultSampler, AddsTheEpochToTheSeed) {
  EXPECT_THAT(of_rank({}, 0, 0, 1), ElementsAre(5, 2, 9, 4));
  EXPECT_THAT(of_rank({}, 1, 0, 1), ElementsAre(6, 0, 3, 5));
  EXPECT_THAT(of_rank({}, 2, 0, 1), ElementsAre(1, 8, 7, 6));
}

TEST(DefaultSampler, LeavesRanksUnequalWithoutRoundUp) {
  const DefaultSampler params{.round_up = false};
  EXPECT_THAT(of_rank(params, 0, 0), ElementsAre(4, 5, 0, 2));
  EXPECT_THAT(of_rank(params, 1, 0), ElementsAre(1, 3, 8));
  EXPECT_THAT(of_rank(params, 2, 0), ElementsAre(7, 9, 6));
}

TEST(DefaultSampler, RepeatsAShortDataSetAsOftenAsNeeded) {
  Indices all;
  for (int rank = 0; rank < 5; ++rank) {
    for (const std::int64_t index : of_rank({.shuffle = false}, rank, 0, 0, 2, 5)) {
      all.push_back(index);
    }
  }
  EXPECT_THAT(all, ElementsAre(0, 1, 0, 1, 0));
}

TEST(DefaultSampler, ItsOwnSeedHasPrecedence) {
  EXPECT_EQ(of_rank({.seed = 42}, 0, 7), of_rank({}, 0, 42));
}

TEST(DefaultSampler, TakesAnEmptyDataSet) {
  EXPECT_EQ(make(DefaultSampler{}, {.dataset_size = 0}).order(0).size, 0);
}

// The words of a line are the keys, then the indices (tools/golden/samplers.py).
TEST(DistributedSampler, GivesTheIndicesOfTorch) {
  int compared = 0;
  for (std::istringstream& words : test::golden_lines("distributed_sampler.txt")) {
    ++compared;
    DistributedSampler params;
    SamplerContext context{.seed = 99};
    std::int64_t epoch = 0;
    words >> context.dataset_size >> params.shuffle >> params.seed >> params.drop_last >>
        context.rank >> context.world_size >> epoch;
    Indices expected;
    for (std::int64_t index = 0; words >> index;) expected.push_back(index);
    const Sampler sampler = make(params, context);
    const Order order = sampler.order(epoch);
    EXPECT_EQ(first(order, order.size), expected) << words.str();
  }
  EXPECT_EQ(compared, 144);
}

Order endless(int rank, bool shuffle = true) {
  return make(InfiniteSampler{.shuffle = shuffle},
              {.dataset_size = 5, .rank = rank, .world_size = 2, .seed = 0})
      .order(0);
}

TEST(InfiniteSampler, GivesOneOrderAfterTheOther) {
  EXPECT_THAT(first(endless(0), 8), ElementsAre(4, 1, 2, 4, 1, 2, 1, 0));
  EXPECT_THAT(first(endless(1), 8), ElementsAre(0, 3, 3, 0, 2, 4, 3, 1));
}

TEST(InfiniteSampler, GivesAnyPositionInAnyOrder) {
  const Indices all = first(endless(0), 50);
  const Order order = endless(0);
  for (const std::int64_t k : {49, 3, 17, 18, 0}) {
    EXPECT_EQ(order.at(k), all[static_cast<std::size_t>(k)]);
  }
}

TEST(InfiniteSampler, RunsThroughTheSetInOrderWithoutShuffle) {
  EXPECT_THAT(first(endless(0, false), 6), ElementsAre(0, 2, 4, 1, 3, 0));
}

// Records of these sizes, each showing the objects of these labels.
Dataset records(const std::vector<Size>& sizes,
                const std::vector<std::vector<std::int64_t>>& labels = {}) {
  auto objects = std::make_shared<std::vector<std::vector<Instance>>>(sizes.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    for (const std::int64_t label : labels[i]) (*objects)[i].push_back({.label = label});
  }
  Dataset data;
  data.size = std::ssize(sizes);
  data.metainfo.classes = {"a", "b", "c"};
  data.get = [sizes, objects](std::int64_t index, Arena& arena) {
    const auto i = static_cast<std::size_t>(index);
    Sample sample(arena);
    sample.annotated = sizes[i];
    sample.instances = (*objects)[i];
    return sample;
  };
  return data;
}

using Batches = std::vector<Indices>;

Batches batches_of(const BatchSampler& sampler, std::int64_t size) {
  const BatchOrder order = sampler.make_batches({size, [](std::int64_t k) { return k; }});
  Batches batches;
  std::int64_t begin = 0;
  for (const std::int64_t end : order.ends) {
    batches.emplace_back(order.indices.begin() + begin, order.indices.begin() + end);
    begin = end;
  }
  return batches;
}

const std::vector<Size> some_sizes = {{2, 1}, {1, 2}, {2, 2}, {1, 2}, {3, 1}, {1, 3}, {2, 1}};

Batches by_aspect(bool drop_last, std::int64_t batch_size, bool replay = false,
                  const std::vector<Size>& sizes = some_sizes) {
  const Dataset data = records(sizes);
  return batches_of(make(AspectRatioBatchSampler{drop_last},
                         {.dataset = &data, .batch_size = batch_size, .replay = replay}),
                    data.size);
}

TEST(AspectRatioBatchSampler, SeparatesPortraitAndLandscapeImages) {
  EXPECT_EQ(by_aspect(false, 3), (Batches{{0, 2, 4}, {1, 3, 5}, {6}}));
  EXPECT_EQ(by_aspect(true, 3), (Batches{{0, 2, 4}, {1, 3, 5}}));
  EXPECT_EQ(by_aspect(false, 4), (Batches{{0, 2, 4, 6}, {1, 3, 5}}));
}

TEST(AspectRatioBatchSampler, DropsAFullLastBatchOnlyInReplay) {
  const std::vector<Size> sizes = {{2, 1}, {1, 2}, {2, 1}, {1, 2}};
  EXPECT_EQ(by_aspect(true, 4, false, sizes), (Batches{{1, 3, 0, 2}}));
  EXPECT_EQ(by_aspect(true, 4, true, sizes), (Batches{}));
}

TEST(MultiDataAspectRatioBatchSampler, KeepsDataSetsApart) {
  Dataset data = records(some_sizes);
  data.source_ends = {3, 7};
  const MultiDataAspectRatioBatchSampler params{
      .batch_size = {2, 1}, .num_datasets = 2, .drop_last = false};
  EXPECT_EQ(batches_of(make(params, {.dataset = &data}), data.size),
            (Batches{{0, 2}, {3}, {4}, {5}, {6}, {1}}));
  data.source_ends = {};
  EXPECT_THAT(failure([&] { make(params, {.dataset = &data}); }),
              testing::HasSubstr("num_datasets is 2; the data set is made of 0"));
}

TEST(ClassAwareSampler, GivesEveryClassEquallyOften) {
  const Dataset data = records(std::vector<Size>(8), {{0}, {0}, {0}, {0}, {0}, {0}, {2}, {0, 2}});
  const Sampler sampler = make(ClassAwareSampler{}, {.dataset_size = 8, .dataset = &data});
  const Indices all = first(sampler.order(0), 8);
  EXPECT_GE(std::count_if(all.begin(), all.end(), [](std::int64_t i) { return i >= 6; }), 4);
  EXPECT_EQ(first(sampler.order(0), 8), all);
  EXPECT_NE(first(sampler.order(1), 8), all);
}

TEST(KeyedSampler, IsAPermutationOfAnySize) {
  for (const std::int64_t size : {1, 2, 7, 1000, 4097}) {
    const Sampler sampler = make(KeyedSampler{}, {.dataset_size = size, .seed = 5});
    Indices all = first(sampler.order(3), size);
    if (size > 100) {
      EXPECT_NE(all, first(sampler.order(4), size));
    }
    std::sort(all.begin(), all.end());
    for (std::int64_t i = 0; i < size; ++i) ASSERT_EQ(all[static_cast<std::size_t>(i)], i);
  }
  const Sampler large = make(KeyedSampler{}, {.dataset_size = 1'000'000'000});
  EXPECT_NE(large.order(0).at(999'999'999), large.order(0).at(0));
}

TEST(KeyedSampler, GivesEachRankItsSamples) {
  Indices both;
  for (const int rank : {0, 1}) {
    const Sampler sampler =
        make(KeyedSampler{}, {.dataset_size = 10, .rank = rank, .world_size = 2, .seed = 1});
    const Indices own = first(sampler.order(0), 5);
    both.insert(both.end(), own.begin(), own.end());
  }
  std::sort(both.begin(), both.end());
  EXPECT_THAT(both, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
}

// Data sets of 11 and 17 images, as tools/golden/multi_source_sampler.py makes them.
Dataset two_sources() {
  const std::vector<Size> first_sizes = {{60, 40}, {30, 40}, {40, 40}};
  const std::vector<Size> second_sizes = {{20, 50}, {50, 20}};
  std::vector<Size> sizes;
  for (std::size_t i = 0; i < 11; ++i) sizes.push_back(first_sizes[i % 3]);
  for (std::size_t i = 0; i < 17; ++i) sizes.push_back(second_sizes[i % 2]);
  Dataset data = records(sizes);
  data.source_ends = {11, 28};
  return data;
}

TEST(MultiSourceSampler, GivesTheIndicesOfMmdet) {
  const Dataset data = two_sources();
  int compared = 0;
  for (std::istringstream& words : test::golden_lines("multi_source_sampler.txt")) {
    ++compared;
    std::string name;
    std::string seed;
    MultiSourceSampler params{.batch_size = 0, .source_ratio = {0, 0}};
    SamplerContext context{.dataset_size = data.size, .dataset = &data};
    words >> name >> params.batch_size >> params.source_ratio[0] >> params.source_ratio[1] >>
        context.seed >> seed >> context.rank >> context.world_size;
    if (seed != "-") params.seed = std::stoll(seed);
    const Sampler sampler = name == MultiSourceSampler::name
                                ? make(params, context)
                                : make(GroupMultiSourceSampler{params}, context);
    Indices expected(40);
    for (std::int64_t& index : expected) words >> index;
    const Order order = sampler.order(0);
    EXPECT_EQ(first(order, 40), expected) << words.str();
    EXPECT_EQ(order.at(7), expected[7]) << "going back: " << words.str();
    EXPECT_TRUE(sampler.endless);
  }
  EXPECT_EQ(compared, 16);
}

TEST(MultiSourceSampler, RefusesWhatItCannotDo) {
  Dataset data = two_sources();
  const auto error = [&](const GroupMultiSourceSampler& params) {
    return failure([&] { make(params, {.dataset_size = data.size, .dataset = &data}); });
  };
  EXPECT_EQ(error({{.batch_size = 2, .source_ratio = {1}}}),
            "error: source_ratio has 1 numbers; the data set is made of 2\n"
            "help: this sampler needs a ConcatDataset, and a number for each of its data sets\n");
  EXPECT_EQ(error({{.batch_size = 2, .source_ratio = {1, 0.1}}}),
            "error: source_ratio leaves data set 1 no image in a batch of 2\n");
  EXPECT_EQ(failure([&] {
              make(GroupMultiSourceSampler{{.batch_size = 2, .source_ratio = {1, 1}}},
                   {.dataset_size = data.size, .dataset = &data, .replay = true});
            }),
            "error: GroupMultiSourceSampler cannot be replayed with num_workers=0: there OpenMMLab "
            "samples the shape of a batch between the random numbers of its transforms\n"
            "help: set num_workers to 1 or more, or leave out replay='openmmlab'\n");
  data = records({{2, 1}, {2, 1}, {1, 2}});
  data.source_ends = {2, 3};
  EXPECT_EQ(error({{.batch_size = 2, .source_ratio = {1, 1}}}),
            "error: data set 0 has no portrait images, which the batches need\n");
}

}  // namespace
}  // namespace pinfeed

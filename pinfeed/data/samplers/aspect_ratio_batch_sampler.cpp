// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 3.5.
#include <algorithm>
#include <memory>

#include "pinfeed/data/dataset.h"
#include "pinfeed/data/samplers/aspect_ratio_batch_sampler.h"
#include "pinfeed/data/samplers/multi_data_aspect_ratio_batch_sampler.h"

namespace pinfeed {
namespace {

using Bucket = std::vector<std::int64_t>;

// The kind of each image, by the annotation file: two of each of the data sets in a row, which
// end at `ends`, the upright first.
std::shared_ptr<const std::vector<std::uint16_t>> kinds_in(const Dataset& dataset,
                                                           const std::vector<std::int64_t>& ends) {
  std::vector<std::uint16_t> kinds;
  std::size_t source = 0;
  Arena arena;
  for (std::int64_t i = 0; i < dataset.size; ++i) {
    while (i >= ends[source]) ++source;
    arena.reset();
    const Size size = dataset.get(i, arena).annotated;
    kinds.push_back(static_cast<std::uint16_t>(2 * source + (size.width < size.height ? 0 : 1)));
  }
  return std::make_shared<const std::vector<std::uint16_t>>(std::move(kinds));
}

void put_batch(std::span<const std::int64_t> indices, BatchOrder& order) {
  order.indices.insert(order.indices.end(), indices.begin(), indices.end());
  order.ends.push_back(std::ssize(order.indices));
}

// What is left of two buckets. Upstream drops a whole last batch too where it drops short ones.
void put_rest(const Bucket& upright, const Bucket& lying, std::int64_t batch_size, bool drop_last,
              bool as_upstream, BatchOrder& order) {
  Bucket rest = upright;
  rest.insert(rest.end(), lying.begin(), lying.end());
  const auto size = static_cast<std::size_t>(batch_size);
  for (std::size_t first = 0; first < rest.size(); first += size) {
    const std::size_t count = std::min(size, rest.size() - first);
    const bool last = first + count == rest.size();
    if (drop_last && (count < size || (last && as_upstream))) continue;
    put_batch(std::span(rest).subspan(first, count), order);
  }
}

// What decides where an image goes.
struct Rule {
  std::shared_ptr<const std::vector<std::uint16_t>> kinds = {};
  std::vector<std::int64_t> batch_sizes = {};  // of each data set
  bool drop_last = false;
  bool as_upstream = false;
};

std::vector<BatchKind> kinds_of(const Rule& rule) {
  std::vector<BatchKind> kinds;
  for (const std::int64_t size : rule.batch_sizes) kinds.insert(kinds.end(), 2, {size, 0});
  for (const std::uint16_t kind : *rule.kinds) ++kinds[kind].samples;
  return kinds;
}

// Images that wait until a batch of their kind is full.
class Buckets {
 public:
  explicit Buckets(Rule rule) : rule_(std::move(rule)), buckets_(2 * rule_.batch_sizes.size()) {}

  void add(std::int64_t index, BatchOrder& order) {
    const std::size_t kind = (*rule_.kinds)[static_cast<std::size_t>(index)];
    Bucket& bucket = buckets_[kind];
    bucket.push_back(index);
    if (std::ssize(bucket) < rule_.batch_sizes[kind / 2]) return;
    put_batch(bucket, order);
    bucket.clear();
  }
  void add_unknown(std::size_t kind, std::int64_t count) {
    buckets_[kind].insert(buckets_[kind].end(), static_cast<std::size_t>(count), -1);
  }
  void put_rest_of_all(BatchOrder& order) const {
    for (std::size_t i = 0; i < rule_.batch_sizes.size(); ++i) {
      put_rest(buckets_[2 * i], buckets_[2 * i + 1], rule_.batch_sizes[i], rule_.drop_last,
               rule_.as_upstream, order);
    }
  }

 private:
  Rule rule_;
  std::vector<Bucket> buckets_;
};

BatchSampler sampler_of(const char* name, const Rule& rule) {
  const std::vector<BatchKind> kinds = kinds_of(rule);
  const auto cut = [rule](const Order& order) {
    BatchOrder batches;
    Buckets buckets(rule);
    for (std::int64_t k = 0; k < order.size; ++k) buckets.add(order.at(k), batches);
    buckets.put_rest_of_all(batches);
    return batches;
  };
  const auto begin = [rule, kinds](std::int64_t rounds) -> BatchCutter {
    Buckets buckets(rule);
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      buckets.add_unknown(i, rounds * kinds[i].samples % kinds[i].batch_size);
    }
    return [buckets = std::move(buckets)](std::int64_t index, BatchOrder& order) mutable {
      buckets.add(index, order);
    };
  };
  return {name, cut, begin, kinds};
}

}  // namespace

void describe(Schema<AspectRatioBatchSampler>& schema) {
  schema.summary("Batches of images that are all upright or all lying, as far as they go.")
      .optional("drop_last", &AspectRatioBatchSampler::drop_last, "leave short batches out");
}

BatchSampler make(const AspectRatioBatchSampler& params, const SamplerContext& context) {
  const Dataset& dataset = *context.dataset;
  return sampler_of(AspectRatioBatchSampler::name, {.kinds = kinds_in(dataset, {dataset.size}),
                                                    .batch_sizes = {context.batch_size},
                                                    .drop_last = params.drop_last,
                                                    .as_upstream = context.replay});
}

void describe(Schema<MultiDataAspectRatioBatchSampler>& schema) {
  schema.summary("Batches of one of the data sets of a ConcatDataset, all upright or all lying.")
      .required("batch_size", &MultiDataAspectRatioBatchSampler::batch_size,
                "samples in a batch of each data set")
      .required("num_datasets", &MultiDataAspectRatioBatchSampler::num_datasets,
                "how many data sets there are", at_least(1))
      .optional("drop_last", &MultiDataAspectRatioBatchSampler::drop_last,
                "leave short batches out")
      .check([](const MultiDataAspectRatioBatchSampler& params) {
        const auto& sizes = params.batch_size;
        const bool above = std::all_of(sizes.begin(), sizes.end(), [](auto n) { return n > 0; });
        if (above && std::ssize(sizes) == params.num_datasets) return;
        throw Error(ErrorKind::config,
                    "batch_size must hold a number above 0 for each of num_datasets");
      });
}

BatchSampler make(const MultiDataAspectRatioBatchSampler& params, const SamplerContext& context) {
  const std::vector<std::int64_t> ends = context.dataset->source_ends;
  if (std::ssize(ends) != params.num_datasets) {
    throw Error(ErrorKind::config, "num_datasets is " + std::to_string(params.num_datasets) +
                                       "; the data set is made of " + std::to_string(ends.size()))
        .help("this sampler wants a ConcatDataset of num_datasets data sets");
  }
  return sampler_of(MultiDataAspectRatioBatchSampler::name,
                    {.kinds = kinds_in(*context.dataset, ends),
                     .batch_sizes = params.batch_size,
                     .drop_last = params.drop_last,
                     .as_upstream = context.replay});
}

}  // namespace pinfeed

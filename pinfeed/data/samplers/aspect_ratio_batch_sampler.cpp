// SPDX-License-Identifier: Apache-2.0
// Source of the rules: specs data 3.5.
#include <algorithm>
#include <memory>

#include "pinfeed/data/dataset.h"
#include "pinfeed/data/samplers.h"

namespace pinfeed {
namespace {

using Bucket = std::vector<std::int64_t>;

// Which pictures are upright, by the annotation file.
std::vector<bool> upright_of(const Dataset& dataset) {
  std::vector<bool> upright;
  Arena arena;
  for (std::int64_t i = 0; i < dataset.size; ++i) {
    arena.reset();
    const Size size = dataset.get(i, arena).annotated;
    upright.push_back(size.width < size.height);
  }
  return upright;
}

void put_batch(std::span<const std::int64_t> indices, BatchOrder& order) {
  order.indices.insert(order.indices.end(), indices.begin(), indices.end());
  order.ends.push_back(std::ssize(order.indices));
}

// Collects indices until a bucket holds a batch.
void fill(Bucket& bucket, std::int64_t index, std::int64_t batch_size, BatchOrder& order) {
  bucket.push_back(index);
  if (std::ssize(bucket) < batch_size) return;
  put_batch(bucket, order);
  bucket.clear();
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

}  // namespace

void describe(Schema<AspectRatioBatchSampler>& schema) {
  schema.summary("Batches of pictures that are all upright or all lying, as far as they go.")
      .optional("drop_last", &AspectRatioBatchSampler::drop_last, "leave short batches out");
}

BatchSampler make(const AspectRatioBatchSampler& params, const SamplerContext& context) {
  const auto upright = std::make_shared<const std::vector<bool>>(upright_of(*context.dataset));
  const auto cut = [upright, params, batch_size = context.batch_size,
                    replay = context.replay](const Order& order) {
    BatchOrder batches;
    std::array<Bucket, 2> buckets;
    for (std::int64_t k = 0; k < order.size; ++k) {
      const std::int64_t index = order.at(k);
      const bool stands = (*upright)[static_cast<std::size_t>(index)];
      fill(buckets[stands ? 0 : 1], index, batch_size, batches);
    }
    put_rest(buckets[0], buckets[1], batch_size, params.drop_last, replay, batches);
    return batches;
  };
  return {AspectRatioBatchSampler::name, cut};
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
  const auto upright = std::make_shared<const std::vector<bool>>(upright_of(*context.dataset));
  const auto cut = [upright, params, ends, replay = context.replay](const Order& order) {
    BatchOrder batches;
    std::vector<std::array<Bucket, 2>> buckets(ends.size());
    for (std::int64_t k = 0; k < order.size; ++k) {
      const std::int64_t index = order.at(k);
      const auto source = static_cast<std::size_t>(
          std::upper_bound(ends.begin(), ends.end(), index) - ends.begin());
      const bool stands = (*upright)[static_cast<std::size_t>(index)];
      fill(buckets[source][stands ? 0 : 1], index, params.batch_size[source], batches);
    }
    for (std::size_t i = 0; i < buckets.size(); ++i) {
      put_rest(buckets[i][0], buckets[i][1], params.batch_size[i], params.drop_last, replay,
               batches);
    }
    return batches;
  };
  return {MultiDataAspectRatioBatchSampler::name, cut};
}

}  // namespace pinfeed

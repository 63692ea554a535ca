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
std::shared_ptr<const std::vector<bool>> upright_of(const Dataset& dataset) {
  std::vector<bool> upright;
  Arena arena;
  for (std::int64_t i = 0; i < dataset.size; ++i) {
    arena.reset();
    const Size size = dataset.get(i, arena).annotated;
    upright.push_back(size.width < size.height);
  }
  return std::make_shared<const std::vector<bool>>(std::move(upright));
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

// What decides where a picture goes.
struct Rule {
  std::shared_ptr<const std::vector<bool>> upright = {};
  std::vector<std::int64_t> ends = {};         // of the data sets in a row
  std::vector<std::int64_t> batch_sizes = {};  // of each
  bool drop_last = false;
  bool as_upstream = false;
};

// Pictures that wait until a batch of their kind is full.
class Buckets {
 public:
  explicit Buckets(Rule rule) : rule_(std::move(rule)), buckets_(rule_.ends.size()) {}

  void add(std::int64_t index, BatchOrder& order) {
    const auto end = std::upper_bound(rule_.ends.begin(), rule_.ends.end(), index);
    const auto source = static_cast<std::size_t>(end - rule_.ends.begin());
    Bucket& bucket = buckets_[source][(*rule_.upright)[static_cast<std::size_t>(index)] ? 0 : 1];
    bucket.push_back(index);
    if (std::ssize(bucket) < rule_.batch_sizes[source]) return;
    put_batch(bucket, order);
    bucket.clear();
  }
  void put_rest_of_all(BatchOrder& order) const {
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      put_rest(buckets_[i][0], buckets_[i][1], rule_.batch_sizes[i], rule_.drop_last,
               rule_.as_upstream, order);
    }
  }

 private:
  Rule rule_;
  std::vector<std::array<Bucket, 2>> buckets_;
};

BatchSampler sampler_of(const char* name, const Rule& rule) {
  const auto cut = [rule](const Order& order) {
    BatchOrder batches;
    Buckets buckets(rule);
    for (std::int64_t k = 0; k < order.size; ++k) buckets.add(order.at(k), batches);
    buckets.put_rest_of_all(batches);
    return batches;
  };
  const auto begin = [rule]() -> BatchCutter {
    return [buckets = Buckets(rule)](std::int64_t index, BatchOrder& order) mutable {
      buckets.add(index, order);
    };
  };
  return {name, cut, begin};
}

}  // namespace

void describe(Schema<AspectRatioBatchSampler>& schema) {
  schema.summary("Batches of pictures that are all upright or all lying, as far as they go.")
      .optional("drop_last", &AspectRatioBatchSampler::drop_last, "leave short batches out");
}

BatchSampler make(const AspectRatioBatchSampler& params, const SamplerContext& context) {
  const Dataset& dataset = *context.dataset;
  return sampler_of(AspectRatioBatchSampler::name, {.upright = upright_of(dataset),
                                                    .ends = {dataset.size},
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
                    {.upright = upright_of(*context.dataset),
                     .ends = ends,
                     .batch_sizes = params.batch_size,
                     .drop_last = params.drop_last,
                     .as_upstream = context.replay});
}

}  // namespace pinfeed

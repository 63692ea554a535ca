// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet/datasets/samplers/multi_source_sampler.py.
#include <array>
#include <memory>
#include <numeric>

#include "pinfeed/data/dataset.h"
#include "pinfeed/data/samplers/multi_source_sampler.h"
#include "pinfeed/data/samplers/permutations.h"

namespace pinfeed {
namespace {

using Counts = std::vector<std::int64_t>;

// The images of one group and one data set.
struct Pool {
  std::vector<std::int64_t> images = {};  // indices of the ConcatDataset
  std::shared_ptr<Permutations> orders = {};

  std::int64_t at(std::int64_t position, bool shuffle) const {
    const std::int64_t image = shuffle ? orders->at(position) : position % std::ssize(images);
    return images[static_cast<std::size_t>(image)];
  }
};

// The group of each batch, sampled one after the other with a probability of the group's share of
// the images. The generator starts again for a batch before the last one that was asked for.
class BatchGroups {
 public:
  BatchGroups(std::uint64_t seed, std::vector<double> shares)
      : seed_(seed), shares_(std::move(shares)), generator_(seed), earlier_(shares_.size()) {}

  /// The group of a batch, and how many batches of that group come before it.
  std::pair<std::size_t, std::int64_t> at(std::int64_t batch) {
    if (batch < number_) {
      generator_ = Mt19937(seed_);
      number_ = -1;
      earlier_.assign(shares_.size(), 0);
    }
    for (; number_ < batch; ++number_) {
      if (number_ >= 0) ++earlier_[group_];
      group_ = shares_.size() == 1 ? 0 : NumpyRandom(Bits(generator_)).choice(shares_);
    }
    return {group_, earlier_[group_]};
  }

 private:
  std::uint64_t seed_;
  std::vector<double> shares_;
  Mt19937 generator_;
  std::int64_t number_ = -1;
  std::size_t group_ = 0;
  Counts earlier_;
};

using Pools = std::vector<std::vector<Pool>>;  // pools[group][source]

struct MultiSourcePlan {
  Pools pools = {};
  Counts images_per_batch = {};  // of each source
  BatchGroups groups;
};

Counts images_per_batch(const MultiSourceSampler& params) {
  const auto& ratio = params.source_ratio;
  const double sum = std::accumulate(ratio.begin(), ratio.end(), 0.0);
  Counts counts;
  for (const double part : ratio) {
    counts.push_back(
        static_cast<std::int64_t>(static_cast<double>(params.batch_size) * part / sum));
  }
  counts[0] =
      params.batch_size - std::accumulate(counts.begin() + 1, counts.end(), std::int64_t{0});
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) continue;
    throw Error(ErrorKind::config, "source_ratio leaves data set " + std::to_string(i) +
                                       " no image in a batch of " +
                                       std::to_string(params.batch_size));
  }
  return counts;
}

Pools pools_of(const Dataset& dataset, SourceGroups groups) {
  const bool by_shape = groups == SourceGroups::by_shape;
  Pools pools(by_shape ? 2 : 1, std::vector<Pool>(dataset.source_ends.size()));
  Arena arena;
  std::size_t source = 0;
  for (std::int64_t i = 0; i < dataset.size; ++i) {
    while (i >= dataset.source_ends[source]) ++source;
    arena.reset();
    const Size size = by_shape ? dataset.get(i, arena).annotated : Size{};
    pools[by_shape && size.width >= size.height ? 1 : 0][source].images.push_back(i);
  }
  return pools;
}

// The share of the images that each group has.
std::vector<double> shares_of(const Pools& pools, std::int64_t dataset_size) {
  std::vector<double> shares;
  for (const std::vector<Pool>& group : pools) {
    std::size_t images = 0;
    for (const Pool& pool : group) images += pool.images.size();
    shares.push_back(static_cast<double>(images) / static_cast<double>(dataset_size));
  }
  return shares;
}

// Upstream loops forever when it needs an image of an empty pool.
void require_images(const Pools& pools, const std::vector<double>& shares) {
  for (std::size_t group = 0; group < pools.size(); ++group) {
    for (std::size_t source = 0; source < pools[group].size(); ++source) {
      if (shares[group] == 0.0 || !pools[group][source].images.empty()) continue;
      const char* kind = pools.size() == 1 ? "images"
                         : group == 0      ? "portrait images"
                                           : "landscape images";
      throw Error(ErrorKind::data, "data set " + std::to_string(source) + " has no " + kind +
                                       ", which the batches need");
    }
  }
}

void check_sources(const MultiSourceSampler& params, const SamplerContext& context) {
  const std::size_t sources = context.dataset->source_ends.size();
  if (sources == params.source_ratio.size()) return;
  throw Error(ErrorKind::config, "source_ratio has " + std::to_string(params.source_ratio.size()) +
                                     " numbers; the data set is made of " + std::to_string(sources))
      .help("this sampler needs a ConcatDataset, and a number for each of its data sets");
}

void check_ratio(const MultiSourceSampler& params) {
  double sum = 0.0;
  bool negative = params.source_ratio.empty();
  for (const double part : params.source_ratio) {
    sum += part;
    negative = negative || part < 0.0;
  }
  if (!negative && sum > 0.0) return;
  throw Error(ErrorKind::config, "source_ratio must have a number above 0 for each data set");
}

}  // namespace

Sampler make_multi_source(const MultiSourceSampler& params, const SamplerContext& context,
                          const std::string& name, SourceGroups groups) {
  check_sources(params, context);
  Pools pools = pools_of(*context.dataset, groups);
  const std::vector<double> shares = shares_of(pools, context.dataset_size);
  require_images(pools, shares);
  const std::uint64_t seed = params.seed ? static_cast<std::uint64_t>(*params.seed) : context.seed;
  for (std::vector<Pool>& group : pools) {
    for (Pool& pool : group) {
      pool.orders = std::make_shared<Permutations>(seed, std::ssize(pool.images));
    }
  }
  const auto plan = std::make_shared<MultiSourcePlan>(MultiSourcePlan{
      std::move(pools), images_per_batch(params), BatchGroups(context.seed, shares)});
  const auto at = [plan, params, context](std::int64_t k) {
    const auto [group, earlier] = plan->groups.at(k / params.batch_size);
    std::int64_t within = k % params.batch_size;
    std::size_t source = 0;
    for (; within >= plan->images_per_batch[source]; ++source) {
      within -= plan->images_per_batch[source];
    }
    const std::int64_t number = earlier * plan->images_per_batch[source] + within;
    return plan->pools[group][source].at(context.rank + number * context.world_size,
                                         params.shuffle);
  };
  const auto order = [at, size = context.dataset_size](std::int64_t) { return Order{size, at}; };
  return {.name = name, .endless = true, .order = order};
}

void describe(Schema<MultiSourceSampler>& schema) {
  schema.summary("One stream of batches that mix the data sets of a ConcatDataset by a ratio.")
      .required("batch_size", &MultiSourceSampler::batch_size, "batch size of the loader",
                at_least(1))
      .required("source_ratio", &MultiSourceSampler::source_ratio,
                "ratio of the images of each data set in a batch: one number for each")
      .optional("shuffle", &MultiSourceSampler::shuffle, "a new order for each round")
      .optional("seed", &MultiSourceSampler::seed,
                "seed of the orders; default: the seed of the run")
      .check(check_ratio);
}

Sampler make(const MultiSourceSampler& params, const SamplerContext& context) {
  return make_multi_source(params, context, MultiSourceSampler::name, SourceGroups::one);
}

}  // namespace pinfeed

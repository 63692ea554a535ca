// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet/datasets/samplers/multi_source_sampler.py.
#include <array>
#include <memory>
#include <numeric>

#include "pinfeed/data/dataset.h"
#include "pinfeed/data/samplers/group_multi_source_sampler.h"
#include "pinfeed/data/samplers/multi_source_sampler.h"
#include "pinfeed/data/samplers/permutations.h"

namespace pinfeed {
namespace {

using Indices = std::vector<std::int64_t>;

// Images of one data set that may stand in for one another.
struct Pool {
  Indices images = {};  // of the ConcatDataset
  std::shared_ptr<Permutations> orders = {};

  std::int64_t at(std::int64_t place, bool shuffle) const {
    const std::int64_t own = shuffle ? orders->at(place) : place % std::ssize(images);
    return images[static_cast<std::size_t>(own)];
  }
};

// Which group each batch is of: drawn one after the other, by how many images a group has.
class GroupDraws {
 public:
  GroupDraws(std::uint64_t seed, std::vector<double> parts)
      : seed_(seed), parts_(std::move(parts)), generator_(seed), earlier_(parts_.size()) {}

  /// The group of a batch, and how many batches of that group come before it.
  std::pair<std::size_t, std::int64_t> at(std::int64_t batch) {
    if (batch < number_) {
      generator_ = Mt19937(seed_);
      number_ = -1;
      earlier_.assign(parts_.size(), 0);
    }
    for (; number_ < batch; ++number_) {
      if (number_ >= 0) ++earlier_[group_];
      group_ = parts_.size() == 1 ? 0 : NumpyRandom(Bits(generator_)).choice(parts_);
    }
    return {group_, earlier_[group_]};
  }

 private:
  std::uint64_t seed_;
  std::vector<double> parts_;
  Mt19937 generator_;
  std::int64_t number_ = -1;
  std::size_t group_ = 0;
  Indices earlier_;
};

// All that an order needs: pools[group][source].
struct Plan {
  std::vector<std::vector<Pool>> pools = {};
  Indices images_of_batch = {};  // of each source
  GroupDraws draws;
};

Indices images_of_batch(const MultiSourceSampler& params) {
  const auto& ratio = params.source_ratio;
  const double all = std::accumulate(ratio.begin(), ratio.end(), 0.0);
  Indices counts;
  for (const double part : ratio) {
    counts.push_back(
        static_cast<std::int64_t>(static_cast<double>(params.batch_size) * part / all));
  }
  counts[0] =
      params.batch_size - std::accumulate(counts.begin() + 1, counts.end(), std::int64_t{0});
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) continue;
    throw Error(ErrorKind::config, "source_ratio leaves data set " + std::to_string(i) +
                                       " no place in a batch of " +
                                       std::to_string(params.batch_size));
  }
  return counts;
}

// The images of each group and source.
std::vector<std::vector<Pool>> pools_of(const Dataset& dataset, bool by_shape) {
  std::vector<std::vector<Pool>> pools(by_shape ? 2 : 1,
                                       std::vector<Pool>(dataset.source_ends.size()));
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

std::vector<double> parts_of(const std::vector<std::vector<Pool>>& pools, std::int64_t all) {
  std::vector<double> parts;
  for (const std::vector<Pool>& group : pools) {
    std::size_t images = 0;
    for (const Pool& pool : group) images += pool.images.size();
    parts.push_back(static_cast<double>(images) / static_cast<double>(all));
  }
  return parts;
}

// Upstream would wait forever for an image of an empty pool.
void require_images(const std::vector<std::vector<Pool>>& pools, const std::vector<double>& parts) {
  for (std::size_t group = 0; group < pools.size(); ++group) {
    for (std::size_t source = 0; source < pools[group].size(); ++source) {
      if (parts[group] == 0.0 || !pools[group][source].images.empty()) continue;
      const char* kind = pools.size() == 1 ? "images"
                         : group == 0      ? "upright images"
                                           : "lying images";
      throw Error(ErrorKind::data, "data set " + std::to_string(source) + " has no " + kind +
                                       ", which the batches should hold");
    }
  }
}

Sampler made_sampler(const MultiSourceSampler& params, const SamplerContext& context,
                     const char* name, bool by_shape) {
  if (context.dataset->source_ends.size() != params.source_ratio.size()) {
    throw Error(ErrorKind::config, "source_ratio has " +
                                       std::to_string(params.source_ratio.size()) +
                                       " numbers; the data set is made of " +
                                       std::to_string(context.dataset->source_ends.size()))
        .help("this sampler wants a ConcatDataset, and a number for each of its data sets");
  }
  auto pools = pools_of(*context.dataset, by_shape);
  const std::vector<double> parts = parts_of(pools, context.dataset_size);
  require_images(pools, parts);
  const std::uint64_t seed = params.seed ? static_cast<std::uint64_t>(*params.seed) : context.seed;
  for (std::vector<Pool>& group : pools) {
    for (Pool& pool : group) {
      pool.orders = std::make_shared<Permutations>(seed, std::ssize(pool.images));
    }
  }
  const auto plan = std::make_shared<Plan>(
      Plan{std::move(pools), images_of_batch(params), GroupDraws(context.seed, parts)});
  const auto at = [plan, params, context](std::int64_t k) {
    const auto [group, earlier] = plan->draws.at(k / params.batch_size);
    std::int64_t within = k % params.batch_size;
    std::size_t source = 0;
    for (; within >= plan->images_of_batch[source]; ++source) {
      within -= plan->images_of_batch[source];
    }
    const std::int64_t own = earlier * plan->images_of_batch[source] + within;
    return plan->pools[group][source].at(context.rank + own * context.world_size, params.shuffle);
  };
  const auto order = [at, size = context.dataset_size](std::int64_t) { return Order{size, at}; };
  return {.name = name, .endless = true, .order = order};
}

template <class T>
void describe_keys(Schema<T>& schema) {
  const auto own = []<class M>(M MultiSourceSampler::*member) -> M T::* { return member; };
  schema.required("batch_size", own(&MultiSourceSampler::batch_size), "the loader's", at_least(1))
      .required("source_ratio", own(&MultiSourceSampler::source_ratio),
                "how much of a batch each data set gives: a number for each")
      .optional("shuffle", own(&MultiSourceSampler::shuffle), "a new order for each round")
      .optional("seed", own(&MultiSourceSampler::seed), "of the orders; the run's when absent")
      .check([](const T& params) {
        double all = 0.0;
        bool negative = params.source_ratio.empty();
        for (const double part : params.source_ratio) {
          all += part;
          negative = negative || part < 0.0;
        }
        if (!negative && all > 0.0) return;
        throw Error(ErrorKind::config, "source_ratio must hold a number above 0 for each data set");
      });
}

}  // namespace

void describe(Schema<MultiSourceSampler>& schema) {
  schema.summary("One stream of batches that mix the data sets of a ConcatDataset by a ratio.");
  describe_keys(schema);
}

Sampler make(const MultiSourceSampler& params, const SamplerContext& context) {
  return made_sampler(params, context, MultiSourceSampler::name, false);
}

void describe(Schema<GroupMultiSourceSampler>& schema) {
  schema.summary("MultiSourceSampler whose batches are all upright or all lying.");
  describe_keys(schema);
}

// Which shape a batch has is drawn out of a generator of its own, begun with the run's seed: what
// upstream's main process has where worker processes do the rest.
Sampler make(const GroupMultiSourceSampler& params, const SamplerContext& context) {
  if (context.replay && context.num_workers == 0) {
    throw Error(
        ErrorKind::config,
        "GroupMultiSourceSampler cannot be replayed with num_workers=0: there OpenMMLab draws "
        "the shape of a batch between the numbers of its transforms")
        .help("set num_workers to 1 or more, or leave out replay='openmmlab'");
  }
  return made_sampler(params, context, GroupMultiSourceSampler::name, true);
}

}  // namespace pinfeed

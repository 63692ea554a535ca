// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet/datasets/samplers/class_aware_sampler.py;
// docs/specs/openmmlab-data.md, 3.5.
#include <memory>
#include <set>

#include "pinfeed/core/random.h"
#include "pinfeed/data/dataset.h"
#include "pinfeed/data/samplers/class_aware_sampler.h"

namespace pinfeed {
namespace {

using Indices = std::vector<std::int64_t>;

// The images that contain each class; classes without images are left out.
std::vector<Indices> images_of_classes(const Dataset& dataset) {
  std::vector<Indices> images(dataset.metainfo.classes.size());
  Arena arena;
  for (std::int64_t i = 0; i < dataset.size; ++i) {
    arena.reset();
    std::set<std::int64_t> labels;
    for (const Instance& instance : dataset.get(i, arena).instances) labels.insert(instance.label);
    for (const std::int64_t label : labels) {
      if (label < std::ssize(images)) images[static_cast<std::size_t>(label)].push_back(i);
    }
  }
  std::erase_if(images, [](const Indices& one) { return one.empty(); });
  return images;
}

// Repeats the values endlessly, in a new random order each time.
class ShuffledCycle {
 public:
  ShuffledCycle(const Indices& values, Mt19937& generator)
      : values_(&values), generator_(&generator), order_(shuffled()) {}

  std::int64_t next() {
    if (next_ == order_.size()) {
      order_ = shuffled();
      next_ = 0;
    }
    return (*values_)[static_cast<std::size_t>(order_[next_++])];
  }

 private:
  Indices shuffled() { return randperm(std::ssize(*values_), *generator_); }

  const Indices* values_;
  Mt19937* generator_;
  Indices order_;
  std::size_t next_ = 0;
};

Indices class_aware_order(const std::vector<Indices>& images, int images_at_a_time,
                          std::int64_t total, std::uint64_t seed) {
  Mt19937 generator(seed);
  Indices class_numbers;
  for (std::int64_t i = 0; i < std::ssize(images); ++i) class_numbers.push_back(i);
  ShuffledCycle classes(class_numbers, generator);
  std::vector<ShuffledCycle> cycles;
  cycles.reserve(images.size());
  for (const Indices& one : images) cycles.emplace_back(one, generator);
  Indices indices;
  while (std::ssize(indices) < total) {
    ShuffledCycle& cycle = cycles[static_cast<std::size_t>(classes.next())];
    for (int k = 0; k < images_at_a_time; ++k) indices.push_back(cycle.next());
  }
  indices.resize(static_cast<std::size_t>(total));
  return indices;
}

}  // namespace

void describe(Schema<ClassAwareSampler>& schema) {
  schema
      .summary(
          "Shuffled classes, and some shuffled images of each, so that all classes occur equally "
          "often.")
      .optional("seed", &ClassAwareSampler::seed, "seed of the order; default: the seed of the run")
      .optional("num_sample_class", &ClassAwareSampler::num_sample_class,
                "images that are taken of a class at a time", at_least(1));
}

Sampler make(const ClassAwareSampler& params, const SamplerContext& context) {
  const auto images =
      std::make_shared<const std::vector<Indices>>(images_of_classes(*context.dataset));
  if (images->empty() && context.dataset_size > 0) {
    throw Error(ErrorKind::data, "ClassAwareSampler: no image contains any class");
  }
  const std::uint64_t seed = params.seed ? static_cast<std::uint64_t>(*params.seed) : context.seed;
  const std::int64_t samples = (context.dataset_size + context.world_size - 1) / context.world_size;
  const auto order = [=, at_a_time = params.num_sample_class, world = context.world_size,
                      rank = context.rank](std::int64_t epoch) -> Order {
    if (samples == 0) return {};
    const auto indices = std::make_shared<const Indices>(class_aware_order(
        *images, at_a_time, samples * world, seed + static_cast<std::uint64_t>(epoch)));
    return {samples, [indices, first = samples * rank](std::int64_t k) {
              return (*indices)[static_cast<std::size_t>(first + k)];
            }};
  };
  return {.name = ClassAwareSampler::name, .endless = false, .order = order};
}

}  // namespace pinfeed

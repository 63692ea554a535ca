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

// The images that show each class; classes without images are left out.
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

// Gives the values again and again, shuffled anew each time.
class Cycle {
 public:
  Cycle(const Indices& values, Mt19937& generator)
      : values_(&values), generator_(&generator), order_(shuffled()) {}

  std::int64_t next() {
    if (at_ == order_.size()) {
      order_ = shuffled();
      at_ = 0;
    }
    return (*values_)[static_cast<std::size_t>(order_[at_++])];
  }

 private:
  Indices shuffled() { return randperm(std::ssize(*values_), *generator_); }

  const Indices* values_;
  Mt19937* generator_;
  Indices order_;
  std::size_t at_ = 0;
};

Indices drawn(const std::vector<Indices>& images, int images_at_a_time, std::int64_t total,
              std::uint64_t seed) {
  Mt19937 generator(seed);
  Indices places;
  for (std::int64_t i = 0; i < std::ssize(images); ++i) places.push_back(i);
  Cycle classes(places, generator);
  std::vector<Cycle> cycles;
  cycles.reserve(images.size());
  for (const Indices& one : images) cycles.emplace_back(one, generator);
  Indices indices;
  while (std::ssize(indices) < total) {
    Cycle& cycle = cycles[static_cast<std::size_t>(classes.next())];
    for (int k = 0; k < images_at_a_time; ++k) indices.push_back(cycle.next());
  }
  indices.resize(static_cast<std::size_t>(total));
  return indices;
}

}  // namespace

void describe(Schema<ClassAwareSampler>& schema) {
  schema.summary("Shuffled classes, and of each some of its shuffled images.")
      .optional("seed", &ClassAwareSampler::seed, "of the order; the run's when absent")
      .optional("num_sample_class", &ClassAwareSampler::num_sample_class,
                "images of a class at a time", at_least(1));
}

Sampler make(const ClassAwareSampler& params, const SamplerContext& context) {
  const auto images =
      std::make_shared<const std::vector<Indices>>(images_of_classes(*context.dataset));
  if (images->empty() && context.dataset_size > 0) {
    throw Error(ErrorKind::data, "ClassAwareSampler: no image shows any class");
  }
  const std::uint64_t seed = params.seed ? static_cast<std::uint64_t>(*params.seed) : context.seed;
  const std::int64_t own = (context.dataset_size + context.world_size - 1) / context.world_size;
  const auto order = [=, at_a_time = params.num_sample_class, world = context.world_size,
                      rank = context.rank](std::int64_t epoch) -> Order {
    if (own == 0) return {};
    const auto indices = std::make_shared<const Indices>(
        drawn(*images, at_a_time, own * world, seed + static_cast<std::uint64_t>(epoch)));
    return {own, [indices, first = own * rank](std::int64_t k) {
              return (*indices)[static_cast<std::size_t>(first + k)];
            }};
  };
  return {.name = ClassAwareSampler::name, .endless = false, .order = order};
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 3.5.
#include "pinfeed/data/samplers/aspect_ratio_batches.h"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "pinfeed/data/dataset.h"

namespace pinfeed {
namespace {

using Bucket = std::vector<std::int64_t>;

// The bucket of each image, by the size that the annotation file states: 2 * source for portrait
// images, 2 * source + 1 for the others.
std::vector<std::uint16_t> buckets_of_images(const Dataset& dataset,
                                             const std::vector<std::int64_t>& source_ends) {
  std::vector<std::uint16_t> buckets;
  std::size_t source = 0;
  Arena arena;
  for (std::int64_t i = 0; i < dataset.size; ++i) {
    while (i >= source_ends[source]) ++source;
    arena.reset();
    const Size size = dataset.get(i, arena).annotated;
    buckets.push_back(static_cast<std::uint16_t>(2 * source + (size.width < size.height ? 0 : 1)));
  }
  return buckets;
}

void append_batch(std::span<const std::int64_t> indices, BatchOrder& order) {
  order.indices.insert(order.indices.end(), indices.begin(), indices.end());
  order.ends.push_back(std::ssize(order.indices));
}

struct BucketPlan {
  AspectRatioRule rule = {};
  std::vector<std::uint16_t> bucket_of_image = {};
};

std::vector<BatchKind> batch_kinds(const BucketPlan& plan) {
  std::vector<BatchKind> kinds;
  for (const std::int64_t size : plan.rule.batch_sizes) kinds.insert(kinds.end(), 2, {size, 0});
  for (const std::uint16_t bucket : plan.bucket_of_image) ++kinds[bucket].samples;
  return kinds;
}

// Collects indices until a batch is full, in one bucket for each source and aspect ratio.
class Buckets {
 public:
  explicit Buckets(std::shared_ptr<const BucketPlan> plan)
      : plan_(std::move(plan)), buckets_(2 * plan_->rule.batch_sizes.size()) {}

  void add(std::int64_t index, BatchOrder& order) {
    const std::size_t number = plan_->bucket_of_image[static_cast<std::size_t>(index)];
    Bucket& bucket = buckets_[number];
    bucket.push_back(index);
    if (std::ssize(bucket) < plan_->rule.batch_sizes[number / 2]) return;
    append_batch(bucket, order);
    bucket.clear();
  }
  void add_unknown(std::size_t number, std::int64_t count) {
    buckets_[number].insert(buckets_[number].end(), static_cast<std::size_t>(count), -1);
  }
  void append_remaining(BatchOrder& order) const {
    for (std::size_t source = 0; source < plan_->rule.batch_sizes.size(); ++source) {
      append_remaining(source, order);
    }
  }

 private:
  // The images that both buckets of a source still have, in batches that mix them.
  void append_remaining(std::size_t source, BatchOrder& order) const {
    Bucket remaining = buckets_[2 * source];
    const Bucket& landscape = buckets_[2 * source + 1];
    remaining.insert(remaining.end(), landscape.begin(), landscape.end());
    const auto size = static_cast<std::size_t>(plan_->rule.batch_sizes[source]);
    for (std::size_t first = 0; first < remaining.size(); first += size) {
      const std::size_t count = std::min(size, remaining.size() - first);
      const bool last = first + count == remaining.size();
      const bool dropped = count < size || (last && plan_->rule.as_upstream);
      if (plan_->rule.drop_last && dropped) continue;
      append_batch(std::span(remaining).subspan(first, count), order);
    }
  }

  std::shared_ptr<const BucketPlan> plan_;
  std::vector<Bucket> buckets_;
};

}  // namespace

BatchSampler make_aspect_ratio_batches(const std::string& name, const Dataset& dataset,
                                       const AspectRatioRule& rule) {
  const auto plan = std::make_shared<const BucketPlan>(
      BucketPlan{rule, buckets_of_images(dataset, rule.source_ends)});
  const std::vector<BatchKind> kinds = batch_kinds(*plan);
  const auto make_batches = [plan](const Order& order) {
    BatchOrder batches;
    Buckets buckets(plan);
    for (std::int64_t k = 0; k < order.size; ++k) buckets.add(order.at(k), batches);
    buckets.append_remaining(batches);
    return batches;
  };
  const auto begin = [plan, kinds](std::int64_t rounds) -> BatchAssembler {
    Buckets buckets(plan);
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      buckets.add_unknown(i, rounds * kinds[i].samples % kinds[i].batch_size);
    }
    return [buckets = std::move(buckets)](std::int64_t index, BatchOrder& order) mutable {
      buckets.add(index, order);
    };
  };
  return {name, make_batches, begin, kinds};
}

}  // namespace pinfeed

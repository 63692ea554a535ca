// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet/datasets/transforms/transforms.py, CachedMosaic and CachedMixUp.
//
// How cached steps find earlier samples.
//
// Upstream's steps keep a cache of the last samples, so that the result depends on what the worker
// has loaded before. In keyed mode there is no cache. The cache is taken to hold the samples at the
// positions just before this one in the rank's order of the epoch, this one included. The step
// chooses a position, and the planner plans that sample again, up to this step: its key makes it
// equal to what was planned at its own position, so every thread and every resume finds the same
// sample, at the cost of planning it again (microseconds, no pixels). Since planning stops before
// this step, the recursion is at most as deep as the pipeline has cached steps, and it ends at the
// first position of the epoch.
//
// Under replay the cache is real: it is state of the worker's stream, filled and evicted in
// upstream's order.
#include "pinfeed/data/transforms/earlier_samples.h"

#include <algorithm>
#include <memory>
#include <vector>

namespace pinfeed {
namespace {

// A copy that shares nothing with the arena of the sample.
Sample deep_copy(const Sample& sample, Arena& arena) {
  Sample copy = copied(sample, arena);
  copy.image = image::copied(sample.image, arena);
  for (image::ImageExpr& bitmap : copy.masks.bitmaps) bitmap = image::copied(bitmap, arena);
  for (const image::Outline*& outline : copy.masks.outlines) {
    outline = image::copied(*outline, arena);
  }
  copy.encoded = nullptr;
  return copy;
}

// A sample with an arena of its own, so that it outlives its batch.
struct CachedSample {
  explicit CachedSample(const Sample& from) : sample(deep_copy(from, arena)) {}

  Arena arena = Arena(4096);
  Sample sample;
};
using Cache = std::vector<std::unique_ptr<CachedSample>>;

// Later samples will use the images of this one too.
void expect_reuse(const Sample& sample) {
  image::for_each_encoded(sample.image, [](image::Encoded* encoded) { encoded->again = true; });
}

}  // namespace

EarlierSamples::EarlierSamples(const Sample& sample, int max_cached, bool random_pop,
                               RandomContext& random) {
  expect_reuse(sample);
  if (random.keyed()) {
    count_ = std::min<std::int64_t>(random.samples_before() + 1, max_cached);
    return;
  }
  Cache& cache = random.step_state<Cache>();
  cache.push_back(std::make_unique<CachedSample>(sample));
  if (std::ssize(cache) > max_cached) {
    cache.erase(cache.begin() + (random_pop ? random.numpy.randint(0, std::ssize(cache) - 1) : 0));
  }
  count_ = std::ssize(cache);
}

Sample EarlierSamples::choose(RandomContext& random) const {
  const std::int64_t index = random.numpy.randint(0, count_ - 1);
  if (random.keyed()) {
    std::optional<Sample> sample = random.earlier_sample(index + 1);
    if (sample) {
      expect_reuse(*sample);
      return std::move(*sample);
    }
    throw Error(ErrorKind::data, "the sample " + std::to_string(index + 1) +
                                     " positions before this one was dropped");
  }
  return deep_copy(random.step_state<Cache>()[static_cast<std::size_t>(index)]->sample,
                   random.arena());
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet/datasets/transforms/transforms.py, CachedMosaic and CachedMixUp.
#include <algorithm>
#include <memory>
#include <vector>

#include "pinfeed/data/transforms/earlier_samples.h"
#include "pinfeed/data/transforms/mosaic.h"

namespace pinfeed {
namespace {

Sample copied_whole(const Sample& sample, Arena& arena) {
  Sample copy = copied(sample, arena);
  copy.image = image::copied(sample.image, arena);
  for (image::ImageExpr& bitmap : copy.masks.bitmaps) bitmap = image::copied(bitmap, arena);
  for (const image::Outline*& outline : copy.masks.outlines) {
    outline = image::copied(*outline, arena);
  }
  copy.encoded = nullptr;
  return copy;
}

// A sample that outlives its batch.
struct Kept {
  explicit Kept(const Sample& from) : sample(copied_whole(from, arena)) {}

  Arena arena = Arena(4096);
  Sample sample;
};
using Cache = std::vector<std::unique_ptr<Kept>>;

// Others will look at its images too.
void expect_again(const Sample& sample) {
  image::for_each_encoded(sample.image, [](image::Encoded* encoded) { encoded->again = true; });
}

}  // namespace

EarlierSamples::EarlierSamples(const Sample& sample, int most, bool random_pop,
                               RandomContext& random) {
  expect_again(sample);
  if (random.keyed()) {
    count_ = std::min<std::int64_t>(random.samples_before() + 1, most);
    return;
  }
  Cache& cache = random.kept<Cache>();
  cache.push_back(std::make_unique<Kept>(sample));
  if (std::ssize(cache) > most) {
    cache.erase(cache.begin() + (random_pop ? random.numpy.randint(0, std::ssize(cache) - 1) : 0));
  }
  count_ = std::ssize(cache);
}

Sample EarlierSamples::drawn(RandomContext& random) const {
  const std::int64_t index = random.numpy.randint(0, count_ - 1);
  if (random.keyed()) {
    std::optional<Sample> sample = random.earlier(index + 1);
    if (sample) {
      expect_again(*sample);
      return std::move(*sample);
    }
    throw Error(ErrorKind::data,
                "the sample " + std::to_string(index + 1) + " places before this one was dropped");
  }
  return copied_whole(random.kept<Cache>()[static_cast<std::size_t>(index)]->sample,
                      random.arena());
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/loader/streaming_batcher.h"

#include <algorithm>

namespace pinfeed {
namespace {

// Far more than batches under way and cached steps look back; twice as many are held at most.
constexpr std::int64_t kept_places = std::int64_t{1} << 15;
// A batch farther ahead than this is looked for from a round before it.
constexpr std::int64_t far_ahead = 1024;

}  // namespace

StreamingBatcher::StreamingBatcher(Order order, BatchSampler sampler)
    : order_(std::move(order)), sampler_(std::move(sampler)) {
  kept_.indices.reserve(2 * kept_places);
  kept_.ends.reserve(2 * kept_places);
  for (const BatchKind& kind : sampler_.kinds) {
    if (kind.samples == 0) continue;
    warming_ = std::max(warming_, (kind.batch_size + kind.samples - 1) / kind.samples);
  }
  restart(0);
}

StreamingBatcher::Count StreamingBatcher::cut_from(std::int64_t rounds) const {
  Count count;
  for (const BatchKind& kind : sampler_.kinds) {
    const std::int64_t batches = rounds * kind.samples / kind.batch_size;
    count.batches += batches;
    count.places += batches * kind.batch_size;
  }
  return count;
}

// The most rounds that end before a batch does.
std::int64_t StreamingBatcher::rounds_before(std::int64_t batch) const {
  if (order_.round == 0) return 0;
  std::int64_t fewer = 0;
  std::int64_t more = 1;
  while (cut_from(more).batches <= batch) more *= 2;
  while (more - fewer > 1) {
    const std::int64_t between = fewer + (more - fewer) / 2;
    (cut_from(between).batches <= batch ? fewer : more) = between;
  }
  return fewer;
}

// With how many rounds to begin so that what lies kept_places before `place` is known.
std::int64_t StreamingBatcher::rounds_for(std::int64_t position) const {
  if (order_.round == 0) return 0;
  return std::max<std::int64_t>((position - kept_places) / order_.round - warming_, 0);
}

void StreamingBatcher::restart(std::int64_t rounds) {
  cutter_ = sampler_.begin(rounds);
  taken_ = rounds * order_.round;
  forgotten_ = cut_from(rounds);
  kept_.indices.clear();
  kept_.ends.clear();
  if (rounds == 0) return;
  while (taken_ < (rounds + warming_) * order_.round) take_one();
  forget(0);
}

void StreamingBatcher::take_one() {
  cutter_(order_.at(taken_++), kept_);
  if (std::ssize(kept_.indices) >= 2 * kept_places) forget(kept_places);
}

// Keeps whole batches of at least `most` places.
void StreamingBatcher::forget(std::int64_t most) {
  const std::int64_t least = std::ssize(kept_.indices) - most;
  const auto last = std::upper_bound(kept_.ends.begin(), kept_.ends.end(), least);
  if (last == kept_.ends.begin()) return;
  const std::int64_t places = *std::prev(last);
  forgotten_.batches += last - kept_.ends.begin();
  forgotten_.places += places;
  kept_.indices.erase(kept_.indices.begin(), kept_.indices.begin() + places);
  kept_.ends.erase(kept_.ends.begin(), last);
  for (std::int64_t& end : kept_.ends) end -= places;
}

std::pair<std::int64_t, std::int64_t> StreamingBatcher::places_of(std::int64_t batch) {
  const std::int64_t ahead = batch - forgotten_.batches - std::ssize(kept_.ends);
  if (batch < forgotten_.batches || ahead > far_ahead) {
    const std::int64_t rounds = rounds_for(cut_from(rounds_before(batch)).places);
    if (batch < forgotten_.batches || rounds * order_.round > taken_) restart(rounds);
  }
  while (forgotten_.batches + std::ssize(kept_.ends) <= batch) take_one();
  const auto end = kept_.ends.begin() + (batch - forgotten_.batches);
  const std::int64_t first = end == kept_.ends.begin() ? 0 : *std::prev(end);
  return {forgotten_.places + first, forgotten_.places + *end};
}

std::int64_t StreamingBatcher::at(std::int64_t position) {
  if (position < forgotten_.places) restart(rounds_for(position));
  while (forgotten_.places + std::ssize(kept_.indices) <= position) take_one();
  return kept_.indices[static_cast<std::size_t>(position - forgotten_.places)];
}

}  // namespace pinfeed

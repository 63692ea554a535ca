// SPDX-License-Identifier: Apache-2.0
// Random access to the batches of an endless order.
//
// A batch sampler such as AspectRatioBatchSampler reads the order index by index and collects the
// samples of each kind until they fill a batch. What is in a batch therefore depends on all indices
// before it, and an endless order cannot be batched in advance. This class reads on demand and
// caches the most recent batches; a batch that was dropped needs a restart.
//
// A restart need not begin at zero if the order comes in rounds over the data set: each round has
// the same number of samples of each kind, so the batches in any number of rounds are counted
// without reading (count_in_rounds), and the batch maker can begin after any whole number of
// rounds. It then does not know which samples of earlier rounds wait for their batch and puts -1
// in their positions. After `warmup_rounds_` rounds every kind has filled a batch, so all batches
// from there on are exact; only those are used.
#include "pinfeed/data/loader/streaming_batcher.h"

#include <algorithm>

namespace pinfeed {
namespace {

// Far more than the batches in flight and the earlier samples of Cached steps. The cache has at
// most twice as many.
constexpr std::int64_t cached_positions = std::int64_t{1} << 15;
// To reach a batch that is farther ahead than this, restarting is tried instead of reading on.
constexpr std::int64_t max_batches_to_read = 1024;

}  // namespace

StreamingBatcher::StreamingBatcher(Order order, BatchSampler sampler)
    : order_(std::move(order)), sampler_(std::move(sampler)) {
  cached_.indices.reserve(2 * cached_positions);
  cached_.ends.reserve(2 * cached_positions);
  for (const BatchKind& kind : sampler_.kinds) {
    if (kind.samples == 0) continue;
    warmup_rounds_ = std::max(warmup_rounds_, (kind.batch_size + kind.samples - 1) / kind.samples);
  }
  restart_at(0);
}

StreamingBatcher::Count StreamingBatcher::count_in_rounds(std::int64_t rounds) const {
  Count count;
  for (const BatchKind& kind : sampler_.kinds) {
    const std::int64_t batches = rounds * kind.samples / kind.batch_size;
    count.batches += batches;
    count.positions += batches * kind.batch_size;
  }
  return count;
}

// The largest number of whole rounds after which `batch` is not complete yet.
std::int64_t StreamingBatcher::rounds_before(std::int64_t batch) const {
  if (order_.round == 0) return 0;
  std::int64_t fewer = 0;
  std::int64_t more = 1;
  while (count_in_rounds(more).batches <= batch) more *= 2;
  while (more - fewer > 1) {
    const std::int64_t middle = fewer + (more - fewer) / 2;
    (count_in_rounds(middle).batches <= batch ? fewer : more) = middle;
  }
  return fewer;
}

// The round to restart at, so that the batches from `cached_positions` before `position` on are
// exact.
std::int64_t StreamingBatcher::start_round_for(std::int64_t position) const {
  if (order_.round == 0) return 0;
  const std::int64_t round = (position - cached_positions) / order_.round;
  return std::max<std::int64_t>(round - warmup_rounds_, 0);
}

void StreamingBatcher::restart_at(std::int64_t rounds) {
  batch_maker_ = sampler_.begin(rounds);
  read_ = rounds * order_.round;
  dropped_ = count_in_rounds(rounds);
  cached_.indices.clear();
  cached_.ends.clear();
  if (rounds == 0) return;
  while (read_ < (rounds + warmup_rounds_) * order_.round) read_next_index();
  drop_old_batches(0);
}

void StreamingBatcher::read_next_index() {
  batch_maker_(order_.at(read_++), cached_);
  if (std::ssize(cached_.indices) >= 2 * cached_positions) drop_old_batches(cached_positions);
}

// Keeps whole batches, of at least this many positions.
void StreamingBatcher::drop_old_batches(std::int64_t positions_to_keep) {
  const std::int64_t limit = std::ssize(cached_.indices) - positions_to_keep;
  const auto last = std::upper_bound(cached_.ends.begin(), cached_.ends.end(), limit);
  if (last == cached_.ends.begin()) return;
  const std::int64_t positions = *std::prev(last);
  dropped_.batches += last - cached_.ends.begin();
  dropped_.positions += positions;
  cached_.indices.erase(cached_.indices.begin(), cached_.indices.begin() + positions);
  cached_.ends.erase(cached_.ends.begin(), last);
  for (std::int64_t& end : cached_.ends) end -= positions;
}

std::pair<std::int64_t, std::int64_t> StreamingBatcher::batch_range(std::int64_t batch) {
  const std::int64_t ahead = batch - dropped_.batches - std::ssize(cached_.ends);
  if (batch < dropped_.batches || ahead > max_batches_to_read) {
    const std::int64_t rounds = start_round_for(count_in_rounds(rounds_before(batch)).positions);
    if (batch < dropped_.batches || rounds * order_.round > read_) restart_at(rounds);
  }
  while (dropped_.batches + std::ssize(cached_.ends) <= batch) read_next_index();
  const auto end = cached_.ends.begin() + (batch - dropped_.batches);
  const std::int64_t first = end == cached_.ends.begin() ? 0 : *std::prev(end);
  return {dropped_.positions + first, dropped_.positions + *end};
}

std::int64_t StreamingBatcher::at(std::int64_t position) {
  if (position < dropped_.positions) restart_at(start_round_for(position));
  while (dropped_.positions + std::ssize(cached_.indices) <= position) read_next_index();
  return cached_.indices[static_cast<std::size_t>(position - dropped_.positions)];
}

}  // namespace pinfeed

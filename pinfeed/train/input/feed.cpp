// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/input/feed.h"

#include <utility>

namespace pinfeed {

Feed::Feed(const Loader& loader) : Feed(loader.batches_per_epoch(), loader.endless()) {
  rank_ = loader.rank();
  world_size_ = loader.world_size();
  if (!loader.replay()) seed_ = loader.seed();
}

std::optional<ModelInput> Feed::next() {
  if (std::exchange(at_epoch_end_, false)) return std::nullopt;
  const LoaderState at = position();
  std::optional<ModelInput> input = load_next();
  if (input && seed_) {
    const std::int64_t iteration = at.epoch * batches_per_epoch_ + at.batch;
    input->random = ModelRandom({.seed = *seed_,
                                 .iteration = static_cast<std::uint64_t>(iteration),
                                 .first_position = rank_,
                                 .position_step = world_size_});
  }
  return input;
}

// A loader has no position "end of an epoch": there it is at the first batch of the next one.
void Feed::seek(const LoaderState& position) {
  at_epoch_end_ = !endless_ && position.batch >= batches_per_epoch_;
  seek_batch(at_epoch_end_ ? LoaderState{position.epoch + 1, 0} : position);
}

}  // namespace pinfeed

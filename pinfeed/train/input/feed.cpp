// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/input/feed.h"

#include <utility>

namespace pinfeed {

std::optional<ModelInput> Feed::next() {
  if (std::exchange(at_epoch_end_, false)) return std::nullopt;
  return load_next();
}

// A loader has no position "end of an epoch": there it is at the first batch of the next one.
void Feed::seek(const LoaderState& position) {
  at_epoch_end_ = !endless_ && position.batch >= batches_per_epoch_;
  seek_batch(at_epoch_end_ ? LoaderState{position.epoch + 1, 0} : position);
}

}  // namespace pinfeed

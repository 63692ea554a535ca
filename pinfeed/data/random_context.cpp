// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/random_context.h"

#include "pinfeed/core/error.h"

namespace pinfeed {

// The members numpy, python and torch borrow philox_ before it is constructed: only its address is
// taken, and nothing is drawn before the constructor ends.
RandomContext::RandomContext(const RandomKey& key, Arena& arena)
    : numpy(Bits(philox_)),
      python(Bits(philox_)),
      torch(Bits(philox_)),
      key_(key),
      philox_(key),
      arena_(&arena) {}

RandomContext::RandomContext(WorkerStream& stream, Arena& arena)
    : numpy(Bits(stream.numpy)),
      python(Bits(stream.python)),
      torch(Bits(stream.torch)),
      stream_(&stream),
      arena_(&arena) {}

RandomContext::RandomContext(const RandomContext& owner, std::uint32_t number)
    : numpy(Bits(philox_)),
      python(Bits(philox_)),
      torch(Bits(philox_)),
      key_(owner.key_),
      philox_(owner.key_),
      arena_(owner.arena_),
      inside_(combine_hashes(owner.key_.step, number)),
      bad_(owner.bad_) {}

void RandomContext::enter(std::uint32_t step) {
  key_.step = inside_ == 0 ? step : combine_hashes(inside_, step);
  if (keyed()) philox_ = Philox(key_);
}

void RandomContext::resume(std::uint32_t step) {
  key_.step = step;
  if (keyed())
    philox_ = Philox({.seed = key_.seed,
                      .epoch = key_.epoch,
                      .position = key_.position,
                      .attempt = key_.attempt,
                      .step = combine_hashes(step, ++inner_)});
}

void RandomContext::next_attempt() {
  ++key_.attempt;
  if (keyed()) philox_ = Philox(key_);
}

Sample RandomContext::partner(std::int64_t index) {
  partners();  // throws without
  return partners_->plan(index, *this);
}

std::int64_t RandomContext::partners() const {
  if (partners_ != nullptr) return partners_->size;
  throw Error(ErrorKind::config, "this step mixes several images, and nobody offers it the others")
      .help("put it into the pipeline of a MultiImageMixDataset");
}

std::optional<Sample> RandomContext::earlier(std::int64_t back) {
  return (*history_)(place_ - back, key_.step, *arena_);
}

}  // namespace pinfeed

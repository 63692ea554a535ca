// SPDX-License-Identifier: Apache-2.0
// Random numbers of a step.
//
// Keyed mode (the default). numpy, python and torch share one counter-based generator (Philox).
// Each step keys it anew with (seed, epoch, position, attempt, step), where `step` is the hash of
// the step's type and of its occurrence in the pipeline, mixed with the key of the step that
// contains it. No state passes from step to step or from sample to sample, so a batch is the same
// for any number of threads and after any resume, and a new step of another type changes no other
// step. A sample that is planned inside a step (Mosaic) mixes the key of that step and a running
// number into its keys; afterwards resume() starts a new sequence for the rest of the outer step.
//
// Replay. numpy, python and torch are the three Mersenne Twisters of one OpenMMLab worker, used in
// upstream's order. A step is bit-equal only if it makes the same calls in the same order.
#include "pinfeed/data/random_context.h"

#include "pinfeed/core/error.h"

namespace pinfeed {

// The members numpy, python and torch refer to philox_ before it is constructed. Only its address
// is used until the constructor ends.
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
      outer_step_(combine_hashes(owner.key_.step, number)),
      bad_(owner.bad_) {}

void RandomContext::enter(std::uint32_t step) {
  key_.step = outer_step_ == 0 ? step : combine_hashes(outer_step_, step);
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

Sample RandomContext::inner_sample(std::int64_t index) {
  inner_size();  // throws outside a wrapper
  return inner_samples_->plan(index, *this);
}

std::int64_t RandomContext::inner_size() const {
  if (inner_samples_ != nullptr) return inner_samples_->size;
  throw Error(ErrorKind::config, "this step mixes several images and needs a wrapper data set")
      .help("put it into the pipeline of a MultiImageMixDataset");
}

std::optional<Sample> RandomContext::earlier_sample(std::int64_t back) {
  return (*history_)(position_ - back, key_.step, *arena_);
}

}  // namespace pinfeed

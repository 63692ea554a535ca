// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/draw.h"

#include "pinfeed/core/error.h"

namespace pinfeed {

// The members numpy, python and torch borrow philox_ before it is constructed: only its address is
// taken, and nothing is drawn before the constructor ends.
Draw::Draw(const DrawKey& key, Arena& arena)
    : numpy(Bits(philox_)),
      python(Bits(philox_)),
      torch(Bits(philox_)),
      key_(key),
      philox_(key),
      arena_(&arena) {}

Draw::Draw(WorkerStream& stream, Arena& arena)
    : numpy(Bits(stream.numpy)),
      python(Bits(stream.python)),
      torch(Bits(stream.torch)),
      stream_(&stream),
      arena_(&arena) {}

void Draw::enter(std::uint32_t step) {
  key_.step = step;
  if (keyed()) philox_ = Philox(key_);
}

void Draw::next_attempt() {
  ++key_.attempt;
  if (keyed()) philox_ = Philox(key_);
}

std::optional<Sample> Draw::partner(std::int64_t index) {
  if (!partner_) {
    throw Error(ErrorKind::config,
                "this step mixes several images; only a wrapper such as "
                "MultiImageMixDataset can give it the others");
  }
  return partner_(index);
}

void Draw::set_partner(std::function<std::optional<Sample>(std::int64_t)> partner) {
  partner_ = std::move(partner);
}

}  // namespace pinfeed

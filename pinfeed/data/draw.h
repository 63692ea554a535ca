// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "pinfeed/core/arena.h"
#include "pinfeed/core/random.h"
#include "pinfeed/data/sample.h"

namespace pinfeed {

/// The three sequential generators of one OpenMMLab worker (specs data 3.6).
struct WorkerStream {
  explicit WorkerStream(std::uint64_t seed)
      : numpy(seed), python(python_generator(static_cast<std::int64_t>(seed))), torch(seed) {}

  Mt19937 numpy;
  Mt19937 python;
  Mt19937 torch;
};

/// How a transform meets chance, and nothing else of the world: upstream's draw functions, the
/// stored picture's header, another sample of the inner data set. In keyed mode one counter
/// generator stands behind numpy, python and torch; it is keyed anew for each step by the step's
/// type and occurrence, so that inserting a step of another type changes no other step's draws.
class Draw {
 public:
  /// Keyed chance: `key.step` is set by each step.
  Draw(const DrawKey& key, Arena& arena);
  /// The worker's own streams, continued.
  Draw(WorkerStream& stream, Arena& arena);
  Draw(const Draw&) = delete;
  Draw& operator=(const Draw&) = delete;

  NumpyDraw numpy;
  PythonDraw python;
  TorchDraw torch;

  Arena& arena() { return *arena_; }

  /// Enters a step: in keyed mode its draws start here. `step` is hash32 of its path.
  void enter(std::uint32_t step);
  /// The step entered last; nested pipelines mix it into the hashes of their own steps.
  std::uint32_t step() const { return key_.step; }
  /// A draw for another attempt at the same sample (keyed mode); replay goes on in the stream.
  void next_attempt();
  bool keyed() const { return stream_ == nullptr; }

  /// Plans another sample of the inner data set (Mosaic, MixUp); empty when it was dropped.
  std::optional<Sample> partner(std::int64_t index);
  /// Set by wrappers that offer partners, for the time they run their steps.
  void set_partner(std::function<std::optional<Sample>(std::int64_t)> partner);

 private:
  DrawKey key_ = {};
  Philox philox_;
  WorkerStream* stream_ = nullptr;
  Arena* arena_;
  std::function<std::optional<Sample>(std::int64_t)> partner_;
};

}  // namespace pinfeed

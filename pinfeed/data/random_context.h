// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include "pinfeed/core/arena.h"
#include "pinfeed/core/random.h"
#include "pinfeed/data/bad_samples.h"
#include "pinfeed/data/sample.h"

namespace pinfeed {

/// The three sequential generators of one OpenMMLab worker (docs/specs/openmmlab-data.md, 3.6).
struct WorkerStream {
  explicit WorkerStream(std::uint64_t seed)
      : numpy(seed), python(python_generator(static_cast<std::int64_t>(seed))), torch(seed) {}

  Mt19937 numpy;
  Mt19937 python;
  Mt19937 torch;
  std::map<std::uint32_t, std::shared_ptr<void>> kept = {};  // by steps that remember samples
};

class RandomContext;
class StepRecords;

/// The samples that a wrapper offers to its steps.
struct Partners {
  std::int64_t size = 0;
  std::function<Sample(std::int64_t index, RandomContext& random)> plan = {};
};

/// Plans the sample at a place of the epoch's order up to a step, in an arena.
using History =
    std::function<std::optional<Sample>(std::int64_t place, std::uint32_t step, Arena& arena)>;

/// How a transform meets chance, and nothing else of the world: upstream's draw functions, the
/// stored image's header, another sample of the inner data set. In keyed mode one counter
/// generator stands behind numpy, python and torch; it is keyed anew for each step by the step's
/// type and occurrence, so that inserting a step of another type changes no other step's draws.
class RandomContext {
 public:
  /// Keyed chance: `key.step` is set by each step.
  RandomContext(const RandomKey& key, Arena& arena);
  /// The worker's own streams, continued.
  RandomContext(WorkerStream& stream, Arena& arena);
  RandomContext(const RandomContext&) = delete;
  RandomContext& operator=(const RandomContext&) = delete;

  NumpyRandom numpy;
  PythonRandom python;
  TorchRandom torch;

  Arena& arena() { return *arena_; }

  /// Chance for another sample that is planned inside this one, in keyed mode: `number` and the
  /// step entered last make it differ from this sample's own.
  RandomContext(const RandomContext& owner, std::uint32_t number);

  /// Goes on with a step after another sample was planned inside it. Draws go on in replay, and
  /// start at a new place in keyed mode.
  void resume(std::uint32_t step);
  /// A number for the next sample that is planned inside this one.
  std::uint32_t next_inner() { return ++inner_; }

  /// Enters a step: in keyed mode its draws start here. `step` is hash32 of its path.
  void enter(std::uint32_t step);
  /// The step entered last; nested pipelines mix it into the hashes of their own steps.
  std::uint32_t step() const { return key_.step; }
  /// A draw for another attempt at the same sample (keyed mode); replay goes on in the stream.
  void next_attempt();
  bool keyed() const { return stream_ == nullptr; }

  /// Another sample of the inner data set (Mosaic, MixUp). Only inside a wrapper.
  Sample partner(std::int64_t index);
  /// How many there are to choose from.
  std::int64_t partners() const;
  /// Set by wrappers that offer partners, for the time they run their steps.
  void set_partners(const Partners* partners) { partners_ = partners; }
  const Partners* partners_offered() const { return partners_; }

  /// What the step entered last keeps between the samples of its stream (replay only).
  template <class T>
  T& kept() {
    std::shared_ptr<void>& slot = stream_->kept[key_.step];
    if (slot == nullptr) slot = std::make_shared<T>();
    return *static_cast<T*>(slot.get());
  }

  /// In keyed mode: how many samples come before this one in the epoch's order of its rank.
  std::int64_t samples_before() const { return history_ == nullptr ? 0 : place_; }
  /// In keyed mode: the sample `back` places before this one (1: the last), planned up to the step
  /// entered last.
  std::optional<Sample> earlier(std::int64_t back);
  /// Set by the planner: how samples before are planned, and this one's place.
  void set_history(const History* history, std::int64_t place) {
    history_ = history;
    place_ = place;
  }
  /// Set by the planner: what happens to samples that cannot be used; else their errors go on.
  void set_bad_samples(BadSamples* bad) { bad_ = bad; }
  BadSamples* bad_samples() const { return bad_; }
  /// Where steps are recorded; none where this is null.
  StepRecords* records() const { return records_; }
  void record_to(StepRecords* records) { records_ = records; }
  /// Lets pipelines end before this step.
  void stop_before(std::uint32_t step) { last_ = step; }
  /// Asked by pipelines before each step; true from the first time on that `step` is the last.
  bool stops_at(std::uint32_t step) {
    stopped_ = stopped_ || (last_ && *last_ == step);
    return stopped_;
  }

 private:
  RandomKey key_ = {};
  Philox philox_;
  WorkerStream* stream_ = nullptr;
  Arena* arena_;
  std::uint32_t inside_ = 0;  // mixed into the steps of a sample inside another
  std::uint32_t inner_ = 0;
  const Partners* partners_ = nullptr;
  const History* history_ = nullptr;
  BadSamples* bad_ = nullptr;
  StepRecords* records_ = nullptr;
  std::int64_t place_ = 0;
  std::optional<std::uint32_t> last_ = {};
  bool stopped_ = false;
};

}  // namespace pinfeed

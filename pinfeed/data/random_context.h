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
  std::map<std::uint32_t, std::shared_ptr<void>> step_states = {};  // by the key of a step
};

class RandomContext;
class StepRecords;

/// The samples of the inner data set, as a wrapper such as MultiImageMixDataset offers them to its
/// steps. `plan` runs the inner pipeline.
struct InnerSamples {
  std::int64_t size = 0;
  std::function<Sample(std::int64_t index, RandomContext& random)> plan = {};
};

/// Plans the sample at a position of the epoch's order up to the step with this key, in an arena.
using History =
    std::function<std::optional<Sample>(std::int64_t position, std::uint32_t step, Arena& arena)>;

/// Everything that a transform may use besides its keys and the sample: random numbers with the
/// functions of numpy, Python and torch, and other samples. In keyed mode the random numbers of a
/// step depend only on (seed, epoch, position, attempt, step); under replay they continue the
/// streams of an OpenMMLab worker. Used by one thread at a time.
class RandomContext {
 public:
  /// Keyed mode; `key.step` is replaced by each step.
  RandomContext(const RandomKey& key, Arena& arena);
  /// Replay: continues the streams of a worker, which must outlive the context.
  RandomContext(WorkerStream& stream, Arena& arena);
  RandomContext(const RandomContext&) = delete;
  RandomContext& operator=(const RandomContext&) = delete;

  NumpyRandom numpy;
  PythonRandom python;
  TorchRandom torch;

  Arena& arena() { return *arena_; }

  /// Keyed mode: the context of the `number`-th sample that is planned inside the current step of
  /// `owner`. Its random numbers differ from those of `owner`.
  RandomContext(const RandomContext& owner, std::uint32_t number);

  /// Continues a step after another sample was planned inside it. Keyed mode starts a new sequence
  /// of random numbers; replay continues the stream.
  void resume(std::uint32_t step);
  /// The number of the next sample that is planned inside this one: 1, 2, ...
  std::uint32_t next_inner() { return ++inner_; }

  /// Begins a step. In keyed mode its sequence of random numbers starts here. `step` is the step's
  /// key (Transform::step), mixed with that of the step that contains it.
  void enter(std::uint32_t step);
  /// The key of the current step.
  std::uint32_t step() const { return key_.step; }
  /// Begins another attempt at the same sample. Replay continues the stream.
  void next_attempt();
  bool keyed() const { return stream_ == nullptr; }

  /// Plans a sample of the inner data set. Throws Error(config) outside a wrapper.
  Sample inner_sample(std::int64_t index);
  /// The size of the inner data set. Throws Error(config) outside a wrapper.
  std::int64_t inner_size() const;
  /// Set by wrappers while they run their steps; null outside.
  void set_inner_samples(const InnerSamples* samples) { inner_samples_ = samples; }
  const InnerSamples* inner_samples() const { return inner_samples_; }

  /// Replay only: the state that the current step keeps between the samples of its stream.
  template <class T>
  T& step_state() {
    std::shared_ptr<void>& state = stream_->step_states[key_.step];
    if (state == nullptr) state = std::make_shared<T>();
    return *static_cast<T*>(state.get());
  }

  /// Keyed mode: the number of samples before this one in its rank's order of the epoch.
  std::int64_t samples_before() const { return history_ == nullptr ? 0 : position_; }
  /// Keyed mode: the sample `back` positions before this one, 1 being the previous one, planned up
  /// to the current step. Empty if a step dropped it.
  std::optional<Sample> earlier_sample(std::int64_t back);
  /// Set by the planner: how earlier samples are planned, and the position of this one.
  void set_history(const History* history, std::int64_t position) {
    history_ = history;
    position_ = position;
  }
  /// Set by the planner: collects samples that cannot be used. If null, their errors are thrown.
  void set_bad_samples(BadSamples* bad) { bad_ = bad; }
  BadSamples* bad_samples() const { return bad_; }
  /// Where the result of each step is recorded; null: nowhere.
  StepRecords* records() const { return records_; }
  void record_to(StepRecords* records) { records_ = records; }
  /// Makes pipelines stop before the step with this key.
  void stop_before(std::uint32_t step) { stop_before_ = step; }
  /// Called by pipelines before each step: true for the step of stop_before() and ever after.
  bool stops_at(std::uint32_t step) {
    stopped_ = stopped_ || (stop_before_ && *stop_before_ == step);
    return stopped_;
  }

 private:
  RandomKey key_ = {};
  Philox philox_;
  WorkerStream* stream_ = nullptr;
  Arena* arena_;
  std::uint32_t outer_step_ = 0;  // mixed into the keys of a sample inside another; 0: none
  std::uint32_t inner_ = 0;       // samples planned inside this one so far
  const InnerSamples* inner_samples_ = nullptr;
  const History* history_ = nullptr;
  BadSamples* bad_ = nullptr;
  StepRecords* records_ = nullptr;
  std::int64_t position_ = 0;
  std::optional<std::uint32_t> stop_before_ = {};
  bool stopped_ = false;
};

}  // namespace pinfeed

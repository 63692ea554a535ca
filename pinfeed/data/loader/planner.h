// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>
#include <memory_resource>
#include <optional>
#include <utility>
#include <vector>

#include "pinfeed/core/arena.h"
#include "pinfeed/data/collate.h"
#include "pinfeed/data/dataset.h"
#include "pinfeed/data/loader/streaming_batcher.h"
#include "pinfeed/data/sampler.h"
#include "pinfeed/data/step_records.h"

namespace pinfeed {

/// The place of a batch: what `--start EPOCH:BATCH` names and a checkpoint keeps.
struct LoaderState {
  std::int64_t epoch = 0;
  std::int64_t batch = 0;
  bool operator==(const LoaderState&) const = default;
};

/// What decides a batch besides the data set: see `train_dataloader` (docs/specs/openmmlab-data.md,
/// 8).
struct PlanRules {
  std::int64_t batch_size = 1;
  bool drop_last = false;
  int num_workers = 0;  // of OpenMMLab; only replay asks
  bool persistent_workers = false;
  bool replay = false;  // draw as OpenMMLab's workers do (docs/specs/openmmlab-data.md, 3.6)
  OnBadSample on_bad_sample = OnBadSample::raise;
  bool keep_steps = false;  // what each step made of a sample stays in the plan
  std::uint64_t seed = 0;
  int rank = 0;
  int world_size = 1;
};

/// A data set that takes the place of the one before from an epoch on. Only its steps differ.
struct DatasetSwitch {
  std::int64_t epoch = 0;
  Dataset dataset = {};
};

/// A batch that is planned and laid out, and not yet rendered. Recycled: clear() keeps the memory.
struct BatchPlan {
  LoaderState position = {};
  bool end_of_epoch = false;  // no batch, but the end of one epoch
  std::exception_ptr error = {};

  Arena arena = Arena(std::size_t{256} * 1024);
  std::optional<std::pmr::vector<Sample>> samples = {};
  std::optional<Layout> layout = {};
  std::vector<image::Encoded*> encoded = {};  // the stored images to read, each once
  BadSamples bad = {};
  std::vector<std::uint32_t> replaced = {};  // how often each sample was, after it was planned
  std::vector<StepRecords> steps = {};       // of each sample, with PlanRules::keep_steps

  void clear();
};

/// Plans batches one after the other, out of chance that depends on the place alone (keyed), or out
/// of the sequential streams of OpenMMLab's workers (replay). One thread at a time.
class Planner {
 public:
  /// Batches are consecutive samples of the order unless a batch sampler cuts it.
  Planner(Dataset dataset, Sampler sampler, Collate collate, PlanRules rules,
          BatchSampler batch_sampler = {}, std::vector<DatasetSwitch> switches = {});
  Planner(const Planner&) = delete;
  Planner& operator=(const Planner&) = delete;

  /// Plans the batch at place(), or the end of its epoch, into `plan` and moves on. An error is put
  /// into the plan, with its trail.
  void next(BatchPlan& plan);
  /// Plans another sample in the place of one that could not be rendered, and lays the batch out
  /// anew. False, and nothing is done, where the error must go on. Chance is keyed, also in replay:
  /// no worker's stream and no other batch is touched.
  bool replace(BatchPlan& plan, std::size_t sample, const std::exception_ptr& reason);
  /// Goes to a batch. Free in keyed mode; in replay the batches before it are planned and dropped.
  void seek(const LoaderState& position);

  const LoaderState& position() const { return position_; }
  std::int64_t batches_per_epoch() const { return batches_; }
  /// One stream without epochs.
  bool endless() const { return sampler_.endless; }
  /// The data set of the first epoch.
  const Dataset& dataset() const { return dataset_; }
  const PlanRules& rules() const { return rules_; }
  /// Of each image of a batch, once it is padded. Empty where a data set knows none.
  Bound bound() const;

 private:
  void enter_epoch();
  std::pair<std::int64_t, std::int64_t> places_of(std::int64_t batch);
  void take_order(std::int64_t epoch);
  void plan_samples(BatchPlan& plan, bool only_draw);
  Sample plan_sample(std::int64_t at, BatchPlan& plan);
  Sample plan_replacement(std::int64_t at, std::size_t sample, BatchPlan& plan);
  void lay_out(BatchPlan& plan) const;
  const Dataset& dataset_now() const;
  RandomKey key_of(std::int64_t at) const;
  std::optional<Sample> plan_earlier(std::int64_t at, std::uint32_t step, Arena& arena);
  void restart_streams();
  WorkerStream& stream();

  Dataset dataset_;
  std::vector<DatasetSwitch> switches_;  // by epoch
  Sampler sampler_;
  BatchSampler batch_sampler_;
  Collate collate_;
  PlanRules rules_;
  std::int64_t batches_ = 0;
  LoaderState position_ = {};
  Order order_ = {};
  std::int64_t order_epoch_ = -1;
  BatchOrder cut_ = {};  // where there is a batch sampler
  std::optional<StreamingBatcher> streaming_batcher_ =
      {};                              // in its place where the order has no end
  History history_ = {};               // keyed: the samples before one
  std::vector<WorkerStream> streams_;  // replay: one per worker, at least one
};

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "pinfeed/core/arena.h"
#include "pinfeed/data/collate.h"
#include "pinfeed/data/dataset.h"
#include "pinfeed/data/loader/batch_plan.h"
#include "pinfeed/data/loader/streaming_batcher.h"
#include "pinfeed/data/sampler.h"

namespace pinfeed {

/// What determines a batch besides the data set: see `train_dataloader`
/// (docs/specs/openmmlab-data.md, 8).
struct PlanRules {
  std::int64_t batch_size = 1;
  bool drop_last = false;
  int num_workers = 0;              // of OpenMMLab; used by replay only
  bool persistent_workers = false;  // used by replay only
  bool replay = false;  // random numbers as OpenMMLab's workers (docs/specs/openmmlab-data.md, 3.6)
  OnBadSample on_bad_sample = OnBadSample::raise;
  bool keep_steps = false;  // BatchPlan::steps records what each step made of a sample
  std::uint64_t seed = 0;
  int rank = 0;
  int world_size = 1;
  /// Batch b of this loader is batch b * batch_step + first_batch of the order.
  std::int64_t batch_step = 1;
  std::int64_t first_batch = 0;
};

/// A data set that replaces the previous one from an epoch on. Only its steps differ.
struct DatasetSwitch {
  std::int64_t epoch = 0;
  Dataset dataset = {};
};

/// Plans batches one after the other. Random numbers depend on the position alone (keyed), or come
/// from the sequential streams of OpenMMLab's workers (replay). One thread at a time.
class Planner {
 public:
  /// Batches are consecutive samples of the sampler's order unless there is a batch sampler.
  Planner(Dataset dataset, Sampler sampler, Collate collate, PlanRules rules,
          BatchSampler batch_sampler = {}, std::vector<DatasetSwitch> switches = {});
  Planner(const Planner&) = delete;
  Planner& operator=(const Planner&) = delete;

  /// Plans the batch at position(), or the end of its epoch, and advances. Does not throw: an error
  /// is stored in the plan, with the batch as context.
  void next(BatchPlan& plan);
  /// Plans another sample instead of one that could not be rendered, and lays out the batch again.
  /// Returns false and changes nothing when the error must be raised. The random numbers are keyed,
  /// also in replay: no worker's stream and no other batch changes.
  bool replace(BatchPlan& plan, std::size_t sample, const std::exception_ptr& reason);
  /// Continues at a batch. Takes no time in keyed mode; replay plans and drops the batches before
  /// it.
  void seek(const LoaderState& position);

  const LoaderState& position() const { return position_; }
  /// Any thread.
  std::int64_t batches_per_epoch() const { return batches_per_epoch_; }
  /// The most samples of one batch: fewer than batch_size if an epoch has fewer. Any thread.
  std::int64_t largest_batch() const { return largest_batch_; }
  /// One stream without epochs.
  bool endless() const { return sampler_.endless; }
  /// The data set of the first epoch.
  const Dataset& dataset() const { return dataset_; }
  const PlanRules& rules() const { return rules_; }
  /// The largest size of an image of a batch, with padding. Empty if a data set has no bound.
  Bound bound() const;

 private:
  // Positions count the samples of this rank in the order of an epoch.
  void begin_epoch();
  void require_order(std::int64_t epoch);
  void load_order(std::int64_t epoch);
  std::int64_t most_samples() const;
  std::int64_t own_batches(std::int64_t of_order) const;
  std::pair<std::int64_t, std::int64_t> batch_range(std::int64_t batch);
  const Dataset& current_dataset() const;

  void plan_samples(BatchPlan& plan);
  Sample plan_sample(std::int64_t position, std::size_t sample, BatchPlan& plan);
  std::optional<Sample> plan_earlier(std::int64_t position, std::uint32_t step, Arena& arena);
  Sample plan_replacement(std::int64_t position, std::size_t sample, BatchPlan& plan);
  void record_into(BatchPlan& plan, std::size_t sample, RandomContext& random);
  void lay_out(BatchPlan& plan) const;
  void replan(BatchPlan& plan, std::size_t sample, bool file_is_known);

  RandomKey random_key(std::int64_t position) const;
  void restart_worker_streams();
  WorkerStream& worker_stream();

  Dataset dataset_;
  std::vector<DatasetSwitch> switches_;  // by epoch
  Sampler sampler_;
  BatchSampler batch_sampler_;
  Collate collate_;
  PlanRules rules_;
  std::atomic<std::int64_t> batches_per_epoch_ = 0;  // other threads read these two
  std::atomic<std::int64_t> largest_batch_ = 0;
  LoaderState position_ = {};
  Order order_ = {};
  std::int64_t order_epoch_ = -1;                   // the epoch that has begun
  std::int64_t loaded_epoch_ = -1;                  // the epoch of order_
  BatchOrder batch_order_ = {};                     // with a batch sampler
  std::optional<StreamingBatcher> streaming_ = {};  // with a batch sampler, if the order is endless
  History history_ = {};                            // keyed: gives steps the samples before one
  const BadSamples* planned_ = nullptr;             // keyed: of the batch that is planned
  std::vector<WorkerStream> streams_;               // replay: one per worker, at least one
};

}  // namespace pinfeed

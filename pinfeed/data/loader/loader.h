// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/config/value/value.h"
#include "pinfeed/core/trace.h"
#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/dataset.h"
#include "pinfeed/data/loader/loader_pipeline.h"
#include "pinfeed/data/loader/planner.h"
#include "pinfeed/data/tree_node.h"

namespace pinfeed {

/// What a run adds to the config's `train_dataloader` dictionary: the config's `pinfeed` and
/// `randomness` dictionaries, and the command line.
struct LoaderOptions {
  std::uint64_t seed = 0;
  bool replay = false;  // draw as OpenMMLab's workers do
  int threads = 0;      // render threads; 0: as many as cores
  int io_threads = 4;
  std::optional<std::int64_t> memory_budget = {};  // bytes; empty: no bound but the queues'
  Pinning pinning = Pinning::prefer;
  std::optional<int> device = {};     // batches travel to this one
  int prefetch = 3;                   // batches made ahead of the one in use, at least 1
  std::shared_ptr<Trace> trace = {};  // what each thread does when
  OnBadSample on_bad_sample = OnBadSample::raise;
  std::string bad_sample_ledger = {};  // a file of JSON lines; empty: none
  double max_bad_fraction = 0.05;      // of the samples; more of them end the loop
  bool keep_steps = false;             // each batch knows what each step made of its samples
  bool index = true;                   // large annotation files get an index beside them
  int rank = 0;
  int world_size = 1;
  std::vector<std::string> warnings = {};  // of reading the config; the dataset gets them
};

/// One batch in its slot. Movable; slot and arena go back to the loader when it dies, so tensors,
/// texts and samples taken out of it must not outlive it. May outlive the loader.
class Batch {
 public:
  Batch(BatchJob* job, std::shared_ptr<LoaderPipeline> pipeline);
  Batch(Batch&& other) noexcept;
  Batch& operator=(Batch&& other) noexcept;
  ~Batch();

  std::int64_t epoch() const { return job_->plan.position.epoch; }
  std::int64_t index() const { return job_->plan.position.batch; }  // within the epoch
  /// The collated tree.
  const TreeNode& data() const { return job_->plan.layout->batch; }
  /// The planned samples, in order: ids, sizes, boxes.
  std::span<const Sample> samples() const { return *job_->plan.samples; }
  const BatchPlan& plan() const { return job_->plan; }
  /// The bytes that all tensors of data() lie in.
  Buffer slot() const { return job_->slot->buffer(); }
  /// The slot itself, to travel to the device of the loader's options; behind the bytes of the
  /// layout it has room for boxes and valid sizes. The tensors of data() must not be read any more.
  BatchSlot leave_slot();

 private:
  BatchJob* job_;
  std::shared_ptr<LoaderPipeline> pipeline_;
};

/// Plans, reads, renders and hands out batches, in order. The bytes depend on (config, seed, epoch,
/// batch) only, not on the number of threads.
class Loader {
 public:
  Loader(Dataset dataset, Sampler sampler, Collate collate, const PlanRules& rules,
         const LoaderLimits& limits, BatchSampler batch_sampler = {},
         std::vector<DatasetSwitch> switches = {});
  Loader(Loader&&) noexcept = default;
  Loader& operator=(Loader&&) noexcept = default;
  /// Stops the threads; returns within the time of one rendered sample.
  ~Loader();

  /// The next batch; empty at the end of an epoch, after which the next epoch begins. Throws the
  /// error of a sample in its place; the loader can be asked on. One thread at a time.
  std::optional<Batch> next();
  /// True when next() would not wait.
  bool ready() const { return pipeline_->ready(); }
  /// Goes to a batch of an epoch (`--start`, resume). Costs plan time at most.
  void seek(const LoaderState& position);
  /// The place of the batch that next() will give.
  const LoaderState& state() const { return position_; }
  /// Where next() says what the user should know of single files and of the slots: each once.
  void warn_to(std::function<void(const std::string&)> warn) { warn_ = std::move(warn); }

  /// Where bad samples are written down, and how many of them there may be.
  void write_bad_samples_to(std::string path, double most) {
    ledger_ = BadSampleLedger(std::move(path), most, dataset().size);
  }

  std::int64_t batches_per_epoch() const { return planner_->batches_per_epoch(); }
  bool endless() const { return planner_->endless(); }
  std::int64_t batch_size() const { return planner_->rules().batch_size; }
  const Dataset& dataset() const { return planner_->dataset(); }
  int threads() const { return pipeline_->limits().threads; }
  int io_threads() const { return pipeline_->limits().io_threads; }
  /// True when batches lie in page-locked memory; known from the first batch on.
  bool pinned() const { return pipeline_->pinned(); }
  /// What the slots take; `grown` counts those that were too small for a batch.
  BatchBufferStats slots() const { return pipeline_->slots(); }
  std::map<std::string, StageTimes> stages() const { return pipeline_->stages(); }

 private:
  void tell(const BatchPlan& plan);
  void tell_of_masks(const BatchPlan& plan);
  void count_masks();
  void note_bad(const BatchPlan& plan);

  struct OddMasks {
    std::int64_t first = 0;
    std::set<std::int64_t> ids = {};
  };

  std::unique_ptr<Planner> planner_;
  std::shared_ptr<LoaderPipeline> pipeline_;
  std::function<void(const std::string&)> warn_ = {};
  std::set<std::string, std::less<>> warned_ = {};  // paths
  std::map<std::string, OddMasks> odd_masks_ = {};  // by annotation file
  bool odd_masks_told_ = false;
  BadSampleLedger ledger_ = BadSampleLedger("", 1.0, std::numeric_limits<std::int64_t>::max());
  LoaderState position_ = {};
};

/// Builds the loader of `config[section]` ("train_dataloader", "val_dataloader"). Throws
/// Error(config) or Error(data).
Loader make_loader(const Value& config, const std::string& section, const Catalogs& catalogs,
                   const LoaderOptions& options);

/// The keys of a data loader's dictionary.
PartDoc data_loader_doc();
/// Reads them, and makes nothing. Throws Error(config).
void check_data_loader(const Value& value, const std::string& path);

/// The options that the config's `pinfeed` and `randomness` dictionaries give.
LoaderOptions loader_options(const Value& config);

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "pinfeed/core/buffer.h"
#include "pinfeed/data/loader/loader_state.h"
#include "pinfeed/data/loader/make_loader.h"  // IWYU pragma: export
#include "pinfeed/data/sample.h"
#include "pinfeed/data/tree_node.h"

namespace pinfeed {

class BadSampleLedger;
class BatchSlot;
class LoaderPipeline;
class LoaderWarnings;
class Planner;
class StepRecords;
struct BatchBufferStats;
struct BatchJob;
struct Collate;
struct Dataset;
struct ImageSlot;
struct LoaderLimits;
struct PlanRules;
struct Sampler;
struct StageTimes;

/// One batch in its slot. Movable. The destructor gives slot and arena back to the loader:
/// tensors, texts and samples taken out of the batch must not be used after it. May outlive the
/// loader: it keeps the data set, to which its samples refer.
class Batch {
 public:
  Batch(BatchJob* job, std::shared_ptr<LoaderPipeline> pipeline);
  Batch(Batch&& other) noexcept;
  Batch& operator=(Batch&& other) noexcept;
  ~Batch();

  std::int64_t epoch() const;
  std::int64_t index() const;  // within the epoch
  /// The collated tree.
  const TreeNode& data() const;
  /// The planned samples, in order: ids, sizes, boxes.
  std::span<const Sample> samples() const;
  /// The rendered images: expression, sample, and offset in bytes().
  std::span<const ImageSlot> images() const;
  /// The pixels of one of images().
  image::ImageView pixels(const ImageSlot& image) const;
  /// The buffer that contains all tensors of data(). Its size is that of the tensors.
  Buffer bytes() const;
  /// The size of the slot. If the loader's options name a device, the bytes behind bytes() are
  /// enough for boxes, labels and valid sizes.
  std::size_t capacity() const;
  /// What each step made of each sample; empty without LoaderOptions::keep_steps.
  std::span<const StepRecords> steps() const;
  /// Moves the slot out of the batch, to copy it to a device. The tensors of data() must not be
  /// read after that.
  BatchSlot take_slot();

 private:
  BatchJob* job_;
  std::shared_ptr<LoaderPipeline> pipeline_;
};

/// Plans, reads, renders and hands out batches, in order. The bytes depend on (config, seed, epoch,
/// batch) only, not on the number of threads. make_loader() builds one from a config.
class Loader {
 public:
  Loader(std::unique_ptr<Planner> planner, const LoaderLimits& limits);
  Loader(Dataset dataset, Sampler sampler, Collate collate, const PlanRules& rules,
         const LoaderLimits& limits);
  Loader(Loader&&) noexcept;
  /// Stops the threads of the loader that is replaced.
  Loader& operator=(Loader&&) noexcept;
  /// Stops the threads; returns within the time of one rendered sample.
  ~Loader();

  /// The next batch; empty at the end of an epoch, after which the next epoch begins. Throws the
  /// error of a sample at the position of its batch and can be called again after that. Throws
  /// Error(system) if a thread cannot be started, or if the caller keeps all batches. One thread at
  /// a time.
  std::optional<Batch> next();
  /// True when next() would not wait.
  bool ready() const;
  /// Starts the threads and waits, at most this long, until next() would not wait for a batch.
  /// Returns false if it still would. For callers that look at something else in between, such as
  /// signals. Throws Error(system) if a thread cannot be started. One thread at a time, as next().
  bool wait(std::chrono::milliseconds most);
  /// Continues at a batch of an epoch (`--start`, resume). Costs at most the planning of the
  /// batches before it.
  void seek(const LoaderState& position);
  /// The position of the batch that next() will return.
  const LoaderState& state() const { return position_; }
  /// next() calls `warn` with what the user should know about single files and the slots, each
  /// once.
  void warn_to(std::function<void(const std::string&)> warn);
  /// Writes bad samples to this file (empty: none), and throws when their fraction of the data set
  /// exceeds `max_fraction`.
  void write_bad_samples_to(const std::string& path, double max_fraction);

  std::int64_t batches_per_epoch() const;
  bool endless() const;
  std::int64_t batch_size() const;
  /// What the random numbers of the batches come from: a seed, with replay for the streams of
  /// OpenMMLab's workers.
  std::uint64_t seed() const;
  bool replay() const;
  /// Sample i of a batch has position rank() + i * world_size() in the batches of all ranks.
  int rank() const;
  int world_size() const;
  const Dataset& dataset() const;
  int threads() const;
  int io_threads() const;
  /// True when batches are in page-locked memory; known from the first batch on.
  bool pinned() const;
  /// The memory of the slots; `grown` counts those that were too small for a batch.
  BatchBufferStats slots() const;
  /// The busy and waiting time of each stage, by its name.
  std::map<std::string, StageTimes> stages() const;

 private:
  std::shared_ptr<Planner> planner_;
  std::shared_ptr<LoaderPipeline> pipeline_;  // shared with the batches
  std::unique_ptr<LoaderWarnings> warnings_;
  std::unique_ptr<BadSampleLedger> ledger_;
  LoaderState position_ = {};
};

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "pinfeed/config/value.h"
#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/dataset.h"
#include "pinfeed/data/item.h"

namespace pinfeed {

/// What a run adds to the config's `train_dataloader` dictionary.
struct LoaderOptions {
  std::uint64_t seed = 0;
  bool replay = false;  // draw as OpenMMLab's workers do
  int threads = 0;      // render threads; 0: as many as cores
  int io_threads = 4;
  std::optional<std::int64_t> memory_budget = {};  // bytes; empty: no bound but the queue's
  bool require_pinned = false;
  int rank = 0;
  int world_size = 1;
};

/// The place of a batch: what a checkpoint keeps.
struct LoaderState {
  std::int64_t epoch = 0;
  std::int64_t batch = 0;
};

/// Seconds of work and of waiting, by stage: plan, read, render, consumer.
struct StageTimes {
  double busy_seconds = 0.0;
  double wait_seconds = 0.0;
};

/// One batch in its seat. Movable; the seat and the arena go back to the loader when it dies, so
/// tensors and texts taken out of `data` must not outlive it.
class Batch {
 public:
  std::int64_t epoch = 0;
  std::int64_t index = 0;  // within the epoch
  std::int64_t size = 0;   // samples
  Item data = {};          // the collated tree
  /// The planned samples, in order: ids, sizes, boxes.
  std::span<const Sample> samples = {};

  /// Keeps seat and arena; ends with the batch.
  std::shared_ptr<void> keeper = {};
};

/// Plans, reads, renders and hands out batches, in order. The bytes depend on (config, seed, epoch,
/// batch) only, not on the number of threads.
class Loader {
 public:
  Loader(Dataset dataset, Sampler sampler, Collate collate, std::int64_t batch_size, bool drop_last,
         int num_workers, bool persistent_workers, LoaderOptions options);
  Loader(Loader&&) noexcept;
  Loader& operator=(Loader&&) noexcept;
  /// Stops the threads; returns within the time of one rendered sample.
  ~Loader();

  /// The next batch; empty at the end of an epoch, after which the next epoch begins. Throws the
  /// error of a sample in its place; the loader can be asked on. One thread at a time.
  std::optional<Batch> next();
  /// Goes to a batch of an epoch (`--start`, resume). Costs plan time at most.
  void seek(std::int64_t epoch, std::int64_t batch);
  /// The place of the batch that next() will give.
  LoaderState state() const;

  std::int64_t batches_per_epoch() const;
  const Dataset& dataset() const;
  int threads() const;
  bool pinned() const;
  std::map<std::string, StageTimes> stages() const;

 private:
  struct Room;  // the threads and what they share
  std::unique_ptr<Room> room_;
};

/// Builds the loader of `config[section]` ("train_dataloader", "val_dataloader"). Reads `pinfeed` and
/// `randomness` of the config too; `seed` overrides. Throws Error(config) or Error(data).
Loader make_loader(const Value& config, const std::string& section, const Catalogs& catalogs,
                   LoaderOptions options);

/// LoaderOptions as the config's `pinfeed` and `randomness` dictionaries say.
LoaderOptions loader_options(const Value& config);

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pinfeed/data/loader/loader.h"
#include "pinfeed/models/model.h"

namespace pinfeed {

/// What is known about a batch besides its tensors.
struct BatchIdentity {
  std::string digest = {};              // as `pinfeed batches` prints it
  std::vector<std::string> files = {};  // of its images
};

/// The batches that a model reads, in order, on the model's device. HostFeed and DeviceFeed take
/// them from a Loader. One thread.
class Feed {
 public:
  /// `endless`: next() is never empty, epochs are counted by the caller.
  Feed(std::int64_t batches_per_epoch, bool endless)
      : batches_per_epoch_(batches_per_epoch), endless_(endless) {}
  /// A feed that next() gives ModelInput::random keys of: the seed of the loader, the number of
  /// the batch, and the positions of the samples in the batches of all ranks. With replay the
  /// models use torch's generator.
  explicit Feed(const Loader& loader);
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;
  virtual ~Feed() = default;

  std::int64_t batches_per_epoch() const { return batches_per_epoch_; }
  bool endless() const { return endless_; }

  /// The next batch; empty at the end of an epoch, after which the next epoch begins.
  std::optional<ModelInput> next();
  /// Continues at a batch of an epoch. Batch batches_per_epoch() is the end of the epoch.
  void seek(const LoaderState& position);
  /// The position of the batch that next() will give.
  virtual LoaderState position() const = 0;
  /// Loads the batch that next() will give once more, and names it. Empty for a feed without files.
  virtual BatchIdentity identify_next() { return {}; }

 private:
  virtual std::optional<ModelInput> load_next() = 0;
  virtual void seek_batch(const LoaderState& position) = 0;

  std::int64_t batches_per_epoch_;
  bool endless_;
  std::optional<std::uint64_t> seed_ = {};  // of keyed random numbers
  int rank_ = 0;
  int world_size_ = 1;
  bool at_epoch_end_ = false;
};

}  // namespace pinfeed

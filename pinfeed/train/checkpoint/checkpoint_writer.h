// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <future>
#include <vector>

#include "pinfeed/train/checkpoint/checkpoint.h"
#include "pinfeed/train/checkpoint/checkpoint_files.h"

namespace pinfeed {

/// Writes checkpoints on a thread of its own from a copy, so that training goes on. At most one is
/// written at a time. The memory of the copy is kept for the next one. Used from one thread.
class CheckpointWriter {
 public:
  CheckpointWriter() = default;
  CheckpointWriter(const CheckpointWriter&) = delete;
  CheckpointWriter& operator=(const CheckpointWriter&) = delete;
  ~CheckpointWriter();

  /// Copies the checkpoint, then writes it to the files in order and calls `after` on the thread.
  /// Waits before that until the checkpoint before it is written, and throws as wait() does.
  void save(const Checkpoint& checkpoint, std::vector<CheckpointTarget> files,
            std::function<void()> after);
  /// Waits until everything is written. Throws the error of a checkpoint that could not be written,
  /// once: Error(system).
  void wait();
  /// Throws the error of a checkpoint that could not be written, without waiting.
  void check();

 private:
  Checkpoint copy_;
  std::future<void> running_;
};

}  // namespace pinfeed

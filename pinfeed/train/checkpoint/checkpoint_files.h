// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pinfeed/schemas/hook_schemas.h"
#include "pinfeed/train/checkpoint/progress.h"
#include "pinfeed/train/logging/log_line.h"
#include "pinfeed/train/logging/run_log.h"

namespace pinfeed {

/// A file that a checkpoint is written to.
struct CheckpointTarget {
  std::string path = {};
  bool weights_only = false;  // the file need not be resumable

  bool operator==(const CheckpointTarget&) const = default;
};

/// The checkpoints of a run on disk: decides when to save, under which name, and which old files to
/// remove (docs/specs/openmmlab-runtime.md, 6, CheckpointHook). Writes the path of the newest
/// checkpoint to <work dir>/last_checkpoint.
class CheckpointFiles {
 public:
  /// Writes the present state of the run to the files in order and then calls `after`, on any
  /// thread and possibly later.
  using Save =
      std::function<void(std::vector<CheckpointTarget> files, std::function<void()> after)>;

  CheckpointFiles(std::optional<CheckpointHook> hook, RunLog& log, Save save);

  /// `done`: epochs that are complete, of `all`.
  void after_epoch(std::int64_t done, std::int64_t all);
  void after_iteration(std::int64_t done, std::int64_t all);
  /// Saves the weights if they are the best by a metric of save_best, and then the regular
  /// checkpoint of this moment again: it was saved before the score was known, and a run that
  /// resumes from it need not validate again.
  void after_validation(const Scalars& metrics, std::int64_t epochs_done,
                        std::int64_t iterations_done);
  /// At the end of the training. Saves what one that ended early has reached, unless its checkpoint
  /// exists. A stop in the last validation has left a file: the regular checkpoint of this moment
  /// is saved once more in its place.
  void after_training(const Progress& progress, bool ended_early);
  /// Publishes the last regular checkpoint and the best ones, if published_keys asks for it. They
  /// must be written.
  void publish() const;
  /// Saves independently of the intervals and returns the path. The next checkpoint replaces the
  /// file.
  std::string save_now(std::int64_t iterations_done);

  /// For the checkpoint: the best scores and the names of the files.
  Dict state() const;
  /// Continues from the state in the checkpoint `path`. Files are taken over, and removed later,
  /// only when the checkpoint is in the work dir: those of another folder belong to another run.
  void load(const Value& state, const std::string& path);

 private:
  struct Best {
    double score = 0.0;
    std::string path = {};
  };
  std::string path_of(const std::string& name) const { return log_->work_dir() + "/" + name; }
  bool is_regular(const std::string& path) const;
  void save_regular(std::int64_t done);
  void save(std::vector<CheckpointTarget> files, std::vector<std::string> old);
  std::optional<CheckpointTarget> better(const std::string& metric, double score,
                                         const std::string& file_name,
                                         std::vector<std::string>& old);

  std::optional<CheckpointHook> hook_;
  RunLog* log_;
  Save save_;
  std::vector<std::string> regular_;  // saved by interval, oldest first
  std::map<std::string, Best> best_;
  std::string stop_;                  // saved by save_now(); empty when a newer one exists
  std::vector<std::string> removed_;  // after the newest save: a run that was killed before removes
                                      // them when it resumes
};

/// The file in the work dir that <work dir>/last_checkpoint names. Only its name counts: in a work
/// dir that was moved or copied, the path is that of the original. Empty without last_checkpoint,
/// or when it is empty.
std::optional<std::string> last_checkpoint(const std::string& work_dir);

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pinfeed/schemas/hook_schemas.h"
#include "pinfeed/train/logging/log_line.h"
#include "pinfeed/train/logging/run_log.h"

namespace pinfeed {

/// Decides when to save, under which name, and what to remove (docs/specs/openmmlab-runtime.md, 6,
/// CheckpointHook). The path of the newest checkpoint stands in <work dir>/last_checkpoint.
class CheckpointKeeper {
 public:
  /// Writes the run as it stands. `weights_only`: it need not be resumable.
  using Save = std::function<void(const std::string& path, bool weights_only)>;

  CheckpointKeeper(std::optional<CheckpointHook> hook, RunLog& log, Save save);

  /// `done` epochs of `all`, from 1.
  void after_epoch(std::int64_t done, std::int64_t all);
  void after_iteration(std::int64_t done, std::int64_t all);
  /// Saves the best by each metric.
  void after_validation(const Scalars& metrics, std::int64_t epochs_done,
                        std::int64_t iterations_done);
  /// Saves whatever the intervals say, and returns where. The next checkpoint takes its place.
  std::string save_now(std::int64_t iterations_done);

  /// What must survive a restart: the scores and the files that are kept.
  Dict state() const;
  void load(const Value& state);

 private:
  struct Best {
    double score = 0.0;
    std::string path = {};
  };
  void save_regular(std::int64_t done);
  void remember(const std::string& path);
  void remove_unless_kept(const std::string& path) const;
  void save_best(const std::string& metric, double score, const std::string& file_name);

  std::optional<CheckpointHook> hook_;
  RunLog* log_;
  Save save_;
  std::vector<std::string> kept_;  // regular ones, oldest first
  std::map<std::string, Best> best_;
  std::string stop_;  // saved by save_now(), if that is the newest
};

/// The path in <work dir>/last_checkpoint, if there is one; found in the work dir itself when that
/// has been moved.
std::optional<std::string> last_checkpoint(const std::string& work_dir);

}  // namespace pinfeed

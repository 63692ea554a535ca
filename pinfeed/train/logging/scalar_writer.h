// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pinfeed/train/logging/log_line.h"
#include "pinfeed/train/logging/run_log.h"

namespace pinfeed {

/// A further place for the numbers of the log, besides the JSON files of RunLog: the vis_backends
/// of a config. One thread.
class ScalarWriter {
 public:
  ScalarWriter() = default;
  ScalarWriter(const ScalarWriter&) = delete;
  ScalarWriter& operator=(const ScalarWriter&) = delete;
  virtual ~ScalarWriter() = default;

  virtual void add(const Scalars& scalars, std::int64_t step) = 0;
  /// A text, which TensorBoard shows as Markdown. Not every place takes texts.
  virtual void add_text(const std::string& /*name*/, const std::string& /*text*/) {}
  /// The PNG or JPEG file at `path`. Not every place takes images.
  virtual void add_image(const std::string& /*name*/, const std::string& /*path*/,
                         std::int64_t /*step*/) {}
};

/// The writers of these types in the folder of a log, which must outlive them and warns of what
/// cannot be written: TensorboardVisBackend writes
/// events.out.tfevents.<time>.<host>.<pid>, CSVVisBackend scalars.csv with the columns step, name
/// and value. Other types have none. Throws Error(system).
std::vector<std::unique_ptr<ScalarWriter>> make_scalar_writers(
    const std::vector<std::string>& types, RunLog& log);

/// All numbers of a log line under the names of the JSON log.
Scalars scalars_of(const LogLine& line);

}  // namespace pinfeed

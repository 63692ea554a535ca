// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/core/file_descriptor.h"

namespace pinfeed {

/// A new file beside the one that it will replace: "<target>.<16 hexadecimal digits>.pinfeed-tmp",
/// with random digits. It is removed by the destructor unless it has replaced its target. While it
/// exists its process holds a lock on it (flock), which ends with the process: an unlocked file of
/// such a name is abandoned, whichever container or machine it comes from.
class TemporaryFile {
 public:
  /// `name` is the target as the user wrote it, for errors. Throws Error(system).
  TemporaryFile(std::string target, std::string name);
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile();

  int descriptor() const { return file_.number(); }
  /// Renames the file to its target. `durable`: its content is on disk before, and the new name
  /// after. Throws Error(system); the target is then unchanged, unless only its name could not be
  /// written to disk.
  void replace_target(bool durable);

 private:
  bool create(const std::string& path);

  std::string target_;
  std::string name_;
  std::string path_ = {};
  FileDescriptor file_ = {};
  bool renamed_ = false;
};

/// Removes the temporary files in the folder of `path` whose processes have ended. Failures are
/// ignored.
void remove_abandoned_files_beside(const std::string& path);

}  // namespace pinfeed

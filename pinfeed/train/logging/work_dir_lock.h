// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/core/file_descriptor.h"

namespace pinfeed {

/// Keeps other runs out of a work dir while it exists. It is a lock of the kernel on the folder, so
/// it ends with the process, however that ends, and leaves no file.
class WorkDirLock {
 public:
  /// The folder must exist. Throws Error(config) with the number of the process when another run
  /// has the lock. A file system without locks locks nothing.
  explicit WorkDirLock(const std::string& work_dir);

 private:
  FileDescriptor folder_;
};

}  // namespace pinfeed

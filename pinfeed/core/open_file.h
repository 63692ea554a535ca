// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <string>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file_descriptor.h"

namespace pinfeed {

// The functions throw an Error of this kind, "cannot read <path>: No such file or directory", or
// Error(system) where the operating system is the cause.

/// Opens a file for reading, with further flags of open().
FileDescriptor open_to_read(const std::string& path, ErrorKind kind, int flags = 0);
/// The same for regular files only: a pipe or a device is an Error instead of a wait for data.
FileDescriptor open_regular(const std::string& path, ErrorKind kind);
/// The status of an open file. A folder is an Error.
struct stat status_of(const FileDescriptor& file, const std::string& path, ErrorKind kind);

}  // namespace pinfeed

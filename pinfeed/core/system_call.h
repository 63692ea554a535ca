// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <string>

#include "pinfeed/core/error.h"

namespace pinfeed {

/// Repeats a system call that a signal has interrupted: retried([&] { return ::open(path, flags);
/// }). The call returns -1 and sets errno on failure.
template <class Call>
auto retried(const Call& call) {
  while (true) {
    const auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

/// "cannot <what> <path>: <reason by errno>". An error whose cause is the machine is of kind
/// system, whatever `kind` is: see read_failure_kind().
Error failed_call(const char* what, const std::string& path, ErrorKind kind);

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
// Limits and rights of a process.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

namespace pinfeed::test {

/// The user that owns nothing.
inline constexpr ::uid_t nobody = 65534;

/// Whether the process can run as an ordinary user: it is one, or it may become one. In some
/// containers root may not. Tests of limits that do not hold for root are skipped then.
inline bool can_be_ordinary_user() {
  if (::geteuid() != 0) return true;
  const ::pid_t child = ::fork();
  if (child == 0) ::_exit(::setuid(nobody) == 0 ? 0 : 1);
  int status = 1;
  return ::waitpid(child, &status, 0) == child && status == 0;
}

/// Lowers a limit and becomes an ordinary user, both for good: for processes of their own. Exits
/// with 2 where that cannot be done.
inline void lower_for_good(int limit, ::rlim_t most) {
  const ::rlimit lower = {most, most};
  ::setrlimit(static_cast<__rlimit_resource_t>(limit), &lower);
  if (::geteuid() == 0 && ::setuid(nobody) != 0) std::_Exit(2);
}

/// Makes the process an ordinary user in its scope, as far as files are concerned.
class OrdinaryUser {
 public:
  OrdinaryUser() : root_(::geteuid() == 0) {
    if (root_ && ::seteuid(nobody) != 0) std::abort();  // see can_be_ordinary_user()
  }
  OrdinaryUser(const OrdinaryUser&) = delete;
  OrdinaryUser& operator=(const OrdinaryUser&) = delete;
  ~OrdinaryUser() {
    if (root_ && ::seteuid(0) != 0) std::abort();
  }

 private:
  bool root_;
};

/// In its scope no file of this process can grow beyond `bytes`, as on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(::rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const ::rlimit limit = {bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  ::rlimit before_ = {};
  void (*handler_)(int) = SIG_DFL;
};

}  // namespace pinfeed::test

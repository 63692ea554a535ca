// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/logging/work_dir_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <sstream>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

// "process 123", as /proc/locks names the owner of the lock: "1: FLOCK ADVISORY WRITE 123
// 08:01:4567 0 EOF"; "another process" where it does not, as for one of another container.
std::string owner_of(int folder) {
  struct stat status = {};
  if (fstat(folder, &status) != 0) return "another process";
  const std::string inode = ":" + std::to_string(status.st_ino);
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    std::istringstream words(line);
    std::string number;
    std::string kind;
    std::string mode;
    std::string access;
    std::string process;
    std::string file;
    words >> number >> kind >> mode >> access >> process >> file;
    if (kind == "FLOCK" && file.ends_with(inode) && process != "0") return "process " + process;
  }
  return "another process";
}

}  // namespace

WorkDirLock::WorkDirLock(const std::string& work_dir)
    : folder_(open(work_dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (folder_.number() < 0 || flock(folder_.number(), LOCK_EX | LOCK_NB) == 0) return;
  if (errno != EWOULDBLOCK) return;
  throw Error(ErrorKind::config,
              owner_of(folder_.number()) + " trains in the work dir " + work_dir + " already")
      .help("choose another --work-dir, or stop that process first");
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/temporary_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "pinfeed/core/system_call.h"

namespace pinfeed {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view temporary_ending = ".pinfeed-tmp";
constexpr std::size_t random_digits = 16;

std::string folder_of_file(const std::string& path) {
  const std::string folder = fs::path(path).parent_path();
  return folder.empty() ? "." : folder;
}

// Leaves bytes for the digits and the ending within the 255 bytes that file systems allow.
std::string temporary_name(const std::string& target, std::uint64_t number) {
  constexpr std::size_t longest = 220;
  const std::string name = fs::path(target).filename().string().substr(0, longest);
  char digits[random_digits + 1] = {};
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(number));
  return (fs::path(target).parent_path() / (name + "." + digits)).string() +
         std::string(temporary_ending);
}

bool is_temporary_name(std::string_view name) {
  if (!name.ends_with(temporary_ending)) return false;
  name.remove_suffix(temporary_ending.size());
  if (name.size() < random_digits + 1 || name[name.size() - random_digits - 1] != '.') return false;
  name.remove_prefix(name.size() - random_digits);
  return std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isxdigit(c) != 0; });
}

bool is_regular(const FileDescriptor& file) {
  struct stat status = {};
  return ::fstat(file.number(), &status) == 0 && S_ISREG(status.st_mode);
}

// File systems without locks: the file counts as locked, so that nobody removes it.
bool lock(const FileDescriptor& file) {
  const int result = retried([&] { return ::flock(file.number(), LOCK_EX | LOCK_NB); });
  return result == 0 || errno != EWOULDBLOCK;
}

void remove_if_abandoned(const std::string& path) {
  constexpr int flags = O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  const FileDescriptor file(retried([&] { return ::open(path.c_str(), flags); }));
  if (!file.open() || !is_regular(file)) return;
  if (retried([&] { return ::flock(file.number(), LOCK_EX | LOCK_NB); }) == 0) {
    ::unlink(path.c_str());
  }
}

// Not every file system can synchronize a folder, and not every folder that may be written to may
// be opened.
bool is_unsupported(int reason) {
  return reason == EINVAL || reason == ENOTSUP || reason == EROFS || reason == EBADF ||
         reason == EACCES || reason == EPERM;
}

}  // namespace

TemporaryFile::TemporaryFile(std::string target, std::string name)
    : target_(std::move(target)), name_(std::move(name)) {
  constexpr int tries = 100;
  for (int i = 0; i < tries; ++i) {
    std::uint64_t number = 0;
    const ssize_t got = retried([&] { return ::getrandom(&number, sizeof number, 0); });
    if (got != sizeof number) break;
    if (create(temporary_name(target_, number))) return;
  }
  throw failed_call("write", name_, ErrorKind::system);
}

// False if the name is in use, or if remove_abandoned_files_beside() of another process took the
// file between its creation and its lock.
bool TemporaryFile::create(const std::string& path) {
  constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  FileDescriptor file(retried([&] { return ::open(path.c_str(), flags, 0666); }));
  if (!file.open() && errno == EEXIST) return false;
  if (!file.open()) throw failed_call("write", name_, ErrorKind::system);
  struct stat status = {};
  if (!lock(file) || ::fstat(file.number(), &status) != 0 || status.st_nlink == 0) {
    ::unlink(path.c_str());
    return false;
  }
  path_ = path;
  file_ = std::move(file);
  return true;
}

TemporaryFile::~TemporaryFile() {
  if (!renamed_ && !path_.empty()) ::unlink(path_.c_str());
}

// The lock is released with the descriptor, after the rename.
void TemporaryFile::replace_target(bool durable) {
  FileDescriptor folder;
  if (durable) {
    const std::string path = folder_of_file(target_);
    constexpr int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    folder = FileDescriptor(retried([&] { return ::open(path.c_str(), flags); }));
    const bool ready = (folder.open() || is_unsupported(errno)) &&
                       retried([&] { return ::fsync(file_.number()); }) == 0;
    if (!ready) throw failed_call("write", name_, ErrorKind::system);
  }
  if (::rename(path_.c_str(), target_.c_str()) != 0) {
    throw failed_call("write", name_, ErrorKind::system);
  }
  renamed_ = true;
  const bool named = !folder.open() || retried([&] { return ::fsync(folder.number()); }) == 0 ||
                     is_unsupported(errno);
  if (!file_.close() || !named) throw failed_call("write", name_, ErrorKind::system);
}

void remove_abandoned_files_beside(const std::string& path) {
  const std::string folder = folder_of_file(path);
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed); !failed && at != fs::directory_iterator();
       at.increment(failed)) {
    if (is_temporary_name(at->path().filename().string())) remove_if_abandoned(at->path().string());
  }
}

}  // namespace pinfeed

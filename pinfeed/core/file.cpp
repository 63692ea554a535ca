// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <mutex>
#include <set>
#include <utility>

#include "pinfeed/core/mapped_file.h"
#include "pinfeed/core/open_file.h"
#include "pinfeed/core/system_call.h"
#include "pinfeed/core/temporary_file.h"

namespace pinfeed {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t buffer_bytes = 65536;

// The target of a link, also of a dangling one. A cycle of links is returned as it is: open()
// reports it.
std::string target_of(std::string path) {
  constexpr int max_links = 40;
  std::error_code none;
  for (int i = 0; i < max_links && fs::is_symlink(path, none); ++i) {
    path = (fs::path(path).parent_path() / fs::read_symlink(path, none)).string();
  }
  return path;
}

// Once for each folder: writing many files must not list the folder as often.
void remove_abandoned_files_once(const std::string& target) {
  static std::mutex mutex;
  static std::set<std::string> done;
  const std::lock_guard lock(mutex);
  if (done.insert(fs::path(target).parent_path()).second) remove_abandoned_files_beside(target);
}

void write_in_place(const std::string& path, const std::function<void(FileWriter&)>& writer) {
  const FileDescriptor file(retried([&] { return ::open(path.c_str(), O_WRONLY | O_CLOEXEC); }));
  if (!file.open()) throw failed_call("write", path, ErrorKind::system);
  FileWriter out(file.number(), path);
  writer(out);
  out.flush();
}

Error no_reader(const std::string& path) {
  return {ErrorKind::system, "cannot write " + path + ": no process reads this pipe"};
}

Error not_regular(const std::string& path) {
  return {ErrorKind::system, "cannot write " + path + ": it is not a regular file"};
}

// The kernel cannot read mapped bytes that lie behind the end of their file.
Error truncated_source(const std::string& path) {
  return {ErrorKind::data,
          "cannot write " + path + ": a file that it is made from was truncated while it was read"};
}

}  // namespace

FileWriter::FileWriter(int descriptor, std::string name)
    : descriptor_(descriptor), name_(std::move(name)) {
  buffer_.reserve(buffer_bytes);
}

void FileWriter::write(std::span<const std::byte> bytes) {
  if (buffer_.size() + bytes.size() > buffer_bytes) flush();
  if (bytes.size() >= buffer_bytes) return write_through(bytes);
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

void FileWriter::write(std::string_view text) { write(std::as_bytes(std::span(text))); }

void FileWriter::flush() {
  write_through(buffer_);
  buffer_.clear();
}

void FileWriter::write_through(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written =
        retried([&] { return ::write(descriptor_, bytes.data(), bytes.size()); });
    if (written < 0 && errno == EFAULT) throw truncated_source(name_);
    if (written < 0) throw failed_call("write", name_, ErrorKind::system);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void write_atomically(const std::string& path, const std::function<void(FileWriter&)>& writer,
                      const WriteOptions& options) {
  struct stat old = {};
  const bool exists =
      (options.follow_links ? ::stat(path.c_str(), &old) : ::lstat(path.c_str(), &old)) == 0;
  const bool regular = exists && S_ISREG(old.st_mode);
  if (exists && !regular && options.follow_links) return write_in_place(path, writer);
  if (exists && !regular && !S_ISLNK(old.st_mode)) throw not_regular(path);
  const std::string target = options.follow_links ? target_of(path) : path;
  remove_abandoned_files_once(target);
  TemporaryFile temporary(target, path);
  if (regular) ::fchmod(temporary.descriptor(), old.st_mode & 07777U);  // default mode on failure
  FileWriter out(temporary.descriptor(), path);
  writer(out);
  out.flush();
  temporary.replace_target(options.durable);
}

// Without O_NONBLOCK opening a pipe would wait for a reader. Writing to it may wait.
AppendedFile::AppendedFile(std::string path, bool follow_links) : path_(std::move(path)) {
  constexpr int appending = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
  const int flags = appending | O_NONBLOCK | (follow_links ? 0 : O_NOFOLLOW);
  file_ = FileDescriptor(retried([&] { return ::open(path_.c_str(), flags, 0666); }));
  struct stat status = {};
  const bool opened = file_.open() && ::fstat(file_.number(), &status) == 0;
  if (!opened && !follow_links && (errno == ELOOP || errno == ENXIO)) throw not_regular(path_);
  if (!opened && errno == ENXIO) throw no_reader(path_);
  if (!opened || ::fcntl(file_.number(), F_SETFL, appending) != 0)
    throw failed_call("write", path_, ErrorKind::system);
  if (!follow_links && !S_ISREG(status.st_mode)) throw not_regular(path_);
}

bool AppendedFile::removed() const {
  struct stat own = {};
  struct stat named = {};
  if (::fstat(file_.number(), &own) != 0) return false;
  if (::stat(path_.c_str(), &named) != 0) return errno == ENOENT || errno == ENOTDIR;
  return own.st_dev != named.st_dev || own.st_ino != named.st_ino;
}

void AppendedFile::add(std::string_view line) {
  FileWriter out(file_.number(), path_);
  out.write((line_cut_ ? "\n" : "") + std::string(line) + "\n");
  line_cut_ = true;
  out.flush();
  line_cut_ = false;
}

void AppendedFile::add_bytes(std::string_view bytes) {
  FileWriter out(file_.number(), path_);
  out.write(bytes);
  out.flush();
}

namespace {

std::string text_of(const FileDescriptor& file, const std::string& path, ErrorKind kind) {
  const auto expected = static_cast<std::size_t>(status_of(file, path, kind).st_size);
  std::string text(expected, '\0');
  std::size_t used = 0;
  while (true) {  // the size is only a hint: pipes and /proc report 0
    if (used == text.size()) text.resize(text.size() + 4096);
    const ssize_t got =
        retried([&] { return ::read(file.number(), text.data() + used, text.size() - used); });
    if (got < 0) throw failed_call("read", path, kind);
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  text.resize(used);
  return text;
}

}  // namespace

std::string read_text(const std::string& path, ErrorKind kind) {
  return text_of(open_to_read(path, kind), path, kind);
}

std::string read_regular_text(const std::string& path, ErrorKind kind) {
  return text_of(open_regular(path, kind), path, kind);
}

Buffer read_bytes(const std::string& path, ErrorKind kind) {
  const FileDescriptor file = open_regular(path, kind);
  const struct stat status = status_of(file, path, kind);
  Buffer bytes = allocate_pageable(static_cast<std::size_t>(status.st_size));
  const std::size_t done = read_at(file.number(), 0, {bytes.data(), bytes.size}, path, kind);
  if (done < bytes.size) throw Error(kind, path + " became shorter while it was read");
  return bytes;
}

std::size_t read_at(int file, std::uint64_t offset, std::span<std::byte> to,
                    const std::string& path, ErrorKind kind) {
  std::size_t done = 0;
  while (done < to.size()) {
    const ssize_t got = retried([&] {
      return ::pread(file, to.data() + done, to.size() - done, static_cast<off_t>(offset + done));
    });
    if (got < 0) throw failed_call("read", path, kind);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Buffer map_file(const std::string& path, ErrorKind kind) { return MappedFile(path, kind).bytes(); }

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "pinfeed/core/file_descriptor.h"

namespace pinfeed {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t buffer_bytes = 65536;

// An error whose cause is the operating system is of kind system, whatever the caller passes.
Error cannot(const char* what, const std::string& path, ErrorKind kind) {
  if (read_failure_kind() == ErrorKind::system) kind = ErrorKind::system;
  return {kind, std::string("cannot ") + what + " " + path + ": " + system_reason()};
}

// Removes the file at the end of the scope unless it was renamed.
struct Temporary {
  std::string path;
  bool renamed = false;
  ~Temporary() {
    if (!renamed) ::unlink(path.c_str());
  }
};

std::string folder_of(const std::string& path) {
  const std::string folder = fs::path(path).parent_path();
  return folder.empty() ? "." : folder;
}

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

void write_in_place(const std::string& path, const std::function<void(FileWriter&)>& writer) {
  FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.open()) throw cannot("write", path, ErrorKind::system);
  FileWriter out(file.number(), path);
  writer(out);
  out.flush();
}

// Writes the new name to disk too. Some file systems do not support it; the content is on disk
// already.
void synchronize_folder(const std::string& folder) {
  const FileDescriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.open()) ::fsync(descriptor.number());
}

FileDescriptor open_to_read(const std::string& path, ErrorKind kind, int flags = 0) {
  const int number = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
  if (number < 0) throw cannot("read", path, kind);
  return FileDescriptor(number);
}

struct stat status_of(const FileDescriptor& file, const std::string& path, ErrorKind kind) {
  struct stat status = {};
  if (::fstat(file.number(), &status) != 0) throw cannot("read", path, kind);
  if (S_ISDIR(status.st_mode)) errno = EISDIR;
  if (S_ISDIR(status.st_mode)) throw cannot("read", path, kind);
  return status;
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
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw cannot("write", name_, ErrorKind::system);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void write_atomically(const std::string& path, const std::function<void(FileWriter&)>& writer) {
  static std::atomic<unsigned> count = 0;
  const std::string target = target_of(path);
  struct stat old = {};
  const bool exists = ::stat(target.c_str(), &old) == 0;
  if (exists && !S_ISREG(old.st_mode)) return write_in_place(path, writer);

  Temporary temporary{target + "." + std::to_string(::getpid()) + "-" + std::to_string(++count) +
                      ".tmp"};
  const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
  FileDescriptor file(::open(temporary.path.c_str(), flags, 0666));
  if (!file.open()) throw cannot("write", path, ErrorKind::system);
  if (exists)
    ::fchmod(file.number(), old.st_mode & 07777U);  // on failure the file has default permissions
  FileWriter out(file.number(), path);
  writer(out);
  out.flush();
  if (::fsync(file.number()) != 0 || !file.close() ||
      ::rename(temporary.path.c_str(), target.c_str()) != 0) {
    throw cannot("write", path, ErrorKind::system);
  }
  temporary.renamed = true;
  synchronize_folder(folder_of(target));
}

namespace {

std::string text_of(const FileDescriptor& file, const std::string& path, ErrorKind kind) {
  const auto expected = static_cast<std::size_t>(status_of(file, path, kind).st_size);
  std::string text(expected, '\0');
  std::size_t used = 0;
  while (true) {  // the size is only a hint: pipes and /proc report 0
    if (used == text.size()) text.resize(text.size() + 4096);
    const ssize_t got = ::read(file.number(), text.data() + used, text.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw cannot("read", path, kind);
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

// Without O_NONBLOCK opening a pipe would wait for a writer.
std::string read_regular_text(const std::string& path, ErrorKind kind) {
  const FileDescriptor file = open_to_read(path, kind, O_NONBLOCK);
  const mode_t mode = status_of(file, path, kind).st_mode;
  if (!S_ISREG(mode)) throw Error(kind, path + " is not a regular file");
  return text_of(file, path, kind);
}

Buffer map_file(const std::string& path, ErrorKind kind) {
  const FileDescriptor file = open_to_read(path, kind);
  const struct stat status = status_of(file, path, kind);
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return allocate_pageable(0);
  void* start = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file.number(), 0);
  if (start == MAP_FAILED) throw cannot("read", path, kind);
  const auto unmap = [size](std::byte* at) { ::munmap(at, size); };
  return {std::shared_ptr<std::byte>(static_cast<std::byte*>(start), unmap), size,
          MemoryKind::pageable};
}

}  // namespace pinfeed

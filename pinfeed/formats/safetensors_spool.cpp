// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/formats/safetensors_spool.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <filesystem>
#include <memory>

#include "pinfeed/core/error.h"
#include "pinfeed/core/round_up.h"
#include "pinfeed/core/system_call.h"

namespace pinfeed {
namespace {

constexpr std::size_t spool_alignment = 16;  // of a tensor in the spool, bytes

FileDescriptor unnamed_file(const std::string& folder) {
  constexpr mode_t only_me = 0600;
  constexpr int flags = O_TMPFILE | O_RDWR | O_CLOEXEC;
  const std::string place = folder.empty() ? "." : folder;
  return FileDescriptor(retried([&] { return ::open(place.c_str(), flags, only_me); }));
}

// Beside the target, where there must be space for it; in the folder for temporary files where the
// target is a device, or its file system has no files without names.
FileDescriptor spool_for(const std::string& path) {
  FileDescriptor file = unnamed_file(std::filesystem::path(path).parent_path());
  if (!file.open()) file = unnamed_file(std::filesystem::temp_directory_path());
  if (file.open()) return file;
  throw Error(ErrorKind::system, "cannot write " + path + ": " + system_reason());
}

Buffer mapped(const FileDescriptor& file, std::size_t bytes, const std::string& path) {
  if (bytes == 0) return allocate_pageable(0);
  void* start = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, file.number(), 0);
  if (start == MAP_FAILED) {
    throw Error(ErrorKind::system, "cannot write " + path + ": " + system_reason());
  }
  const auto unmap = [bytes](std::byte* at) { ::munmap(at, bytes); };
  return {std::shared_ptr<std::byte>(static_cast<std::byte*>(start), unmap), bytes,
          MemoryKind::pageable};
}

}  // namespace

SafetensorsSpool::SafetensorsSpool(std::string path)
    : path_(std::move(path)), spool_(spool_for(path_)), writer_(spool_.number(), path_) {}

void SafetensorsSpool::add(const std::string& name, const Tensor& tensor) {
  const Tensor dense = contiguous(tensor);
  file_.tensors.emplace_back(name, Tensor{.dtype = dense.dtype,
                                          .shape = dense.shape,
                                          .strides = contiguous_strides(dense.shape),
                                          .offset = bytes_});
  writer_.write(std::span<const std::byte>(dense.data(), dense.bytes()));
  const std::size_t end = rounded_up(bytes_ + dense.bytes(), spool_alignment);
  writer_.write(std::string(end - bytes_ - dense.bytes(), '\0'));
  bytes_ = end;
}

void SafetensorsSpool::add_text(const std::string& name, const std::string& text) {
  file_.metadata.emplace_back(name, text);
}

void SafetensorsSpool::finish() {
  writer_.flush();
  const Buffer bytes = mapped(spool_, bytes_, path_);
  for (auto& [name, tensor] : file_.tensors) tensor.buffer = bytes;
  write_safetensors(path_, file_);
}

}  // namespace pinfeed

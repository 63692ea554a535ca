// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/mapped_file.h"

#include <sys/mman.h>

#include <functional>

#include "pinfeed/core/file.h"
#include "pinfeed/core/open_file.h"
#include "pinfeed/core/system_call.h"

namespace pinfeed {
namespace {

// Private: the bytes can be written to, which does not change the file.
Buffer mapping_of(const FileDescriptor& file, const std::string& path, ErrorKind kind) {
  const auto size = static_cast<std::size_t>(status_of(file, path, kind).st_size);
  if (size == 0) return allocate_pageable(0);
  void* start = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file.number(), 0);
  if (start == MAP_FAILED) throw failed_call("read", path, kind);
  const auto unmap = [size](std::byte* at) { ::munmap(at, size); };
  return {std::shared_ptr<std::byte>(static_cast<std::byte*>(start), unmap), size,
          MemoryKind::pageable};
}

}  // namespace

MappedFile::MappedFile(const std::string& path, ErrorKind kind)
    : path_(path),
      kind_(kind),
      file_(std::make_shared<const FileDescriptor>(open_regular(path, kind))),
      bytes_(mapping_of(*file_, path, kind)) {}

bool MappedFile::contains(const std::byte* byte) const {
  const std::less<> before;  // for pointers into different objects
  return file_ != nullptr && !before(byte, bytes_.data()) &&
         before(byte, bytes_.data() + bytes_.size);
}

void MappedFile::read(const std::byte* from, std::span<std::byte> to) const {
  const auto offset = static_cast<std::uint64_t>(from - bytes_.data());
  if (read_at(file_->number(), offset, to, path_, kind_) < to.size())
    throw Error(kind_, path_ + " became shorter while it was read");
}

}  // namespace pinfeed

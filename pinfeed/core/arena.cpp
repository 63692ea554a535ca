// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/arena.h"

#include <algorithm>
#include <cstdint>
#include <new>

namespace pinfeed {
namespace {

std::size_t padding(const std::byte* address, std::size_t alignment) {
  const auto value = reinterpret_cast<std::uintptr_t>(address);
  return (alignment - value % alignment) % alignment;
}

}  // namespace

Arena::~Arena() {
  for (const Block& block : blocks_) ::operator delete(block.bytes);
}

void Arena::reset() {
  block_ = 0;
  used_ = 0;
}

std::size_t Arena::capacity() const {
  std::size_t bytes = 0;
  for (const Block& block : blocks_) bytes += block.size;
  return bytes;
}

void* Arena::do_allocate(std::size_t bytes, std::size_t alignment) {
  for (; block_ < blocks_.size(); ++block_, used_ = 0) {
    const Block& block = blocks_[block_];
    const std::size_t start = used_ + padding(block.bytes + used_, alignment);
    if (start + bytes > block.size) continue;
    used_ = start + bytes;
    return block.bytes + start;
  }
  const std::size_t size = std::max(block_bytes_, bytes + alignment);
  blocks_.push_back({static_cast<std::byte*>(::operator new(size)), size});
  used_ = 0;
  return do_allocate(bytes, alignment);
}

}  // namespace pinfeed

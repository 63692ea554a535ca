// SPDX-License-Identifier: Apache-2.0
// A bump allocator: an allocation advances an offset in the current block, and a deallocation does
// nothing. When a block is full the next one is used, and only after the last one is a new block
// allocated. reset() sets the offset to the start of the first block and keeps all blocks, so the
// second use of an arena for work of the same size needs no system allocation. The loader plans
// each batch in such an arena; that is how planning allocates nothing in the steady state.
//
// An allocation that does not fit the rest of a block skips that rest until the next reset(). An
// allocation larger than a block gets a block of its own size, which is reused like the others.
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

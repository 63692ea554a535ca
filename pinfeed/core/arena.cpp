// SPDX-License-Identifier: Apache-2.0
// A bump allocator: an allocation advances an offset in the current block, and a deallocation does
// nothing. When a block is full the next one is used, and only after the last one is a new block
// allocated. reset() sets the offset to the start of the first block and keeps all blocks, so the
// second use of an arena for work of the same size needs no system allocation. The loader plans
// each batch in such an arena; that is how planning allocates nothing in the steady state.
//
// An allocation that does not fit the rest of a block skips that rest until the next reset(). An
// allocation larger than a block gets a block of its own size, which is reused like the others.
//
// Two rules keep the capacity near what is needed. A block that was skipped as a whole because it
// is too small is freed when a larger one takes its place: otherwise allocations of rising size
// would leave all smaller blocks behind. And reset() frees all blocks when recent uses needed less
// than half of them.
#include "pinfeed/core/arena.h"

#include <algorithm>
#include <cstdint>
#include <limits>
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
  recent_.add(std::exchange(allocated_, 0));
  for (Block& block : blocks_) block.used = false;
  const std::size_t enough = 2 * recent_.value() + 4 * block_bytes_;
  if (capacity() > enough) free_unused_blocks();
}

std::size_t Arena::capacity() const {
  std::size_t bytes = 0;
  for (const Block& block : blocks_) bytes += block.size;
  return bytes;
}

void Arena::free_unused_blocks() {
  std::erase_if(blocks_, [](const Block& block) {
    if (!block.used) ::operator delete(block.bytes);
    return !block.used;
  });
}

void Arena::add_block(std::size_t size) {
  free_unused_blocks();
  blocks_.reserve(blocks_.size() + 1);
  blocks_.push_back({static_cast<std::byte*>(::operator new(size)), size, false});
  block_ = blocks_.size() - 1;
  used_ = 0;
}

void* Arena::do_allocate(std::size_t bytes, std::size_t alignment) {
  if (bytes > std::numeric_limits<std::size_t>::max() / 2) throw std::bad_alloc();
  for (; block_ < blocks_.size(); ++block_, used_ = 0) {
    Block& block = blocks_[block_];
    const std::size_t start = used_ + padding(block.bytes + used_, alignment);
    if (start + bytes > block.size) continue;
    allocated_ += start + bytes - used_;
    used_ = start + bytes;
    block.used = true;
    return block.bytes + start;
  }
  add_block(std::max(block_bytes_, bytes + alignment));
  return do_allocate(bytes, alignment);
}

}  // namespace pinfeed

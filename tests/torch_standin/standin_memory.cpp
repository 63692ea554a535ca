// SPDX-License-Identifier: Apache-2.0
#include "tests/torch_standin/standin_memory.h"

#include <c10/core/CachingDeviceAllocator.h>

#include <cstdlib>
#include <mutex>
#include <set>

namespace pinfeed {
namespace {

std::mutex mutex;
std::set<const void*> locked;  // blocks of page-locked memory

void* aligned_memory(std::size_t bytes) {
  return bytes == 0 ? nullptr : std::aligned_alloc(64, (bytes + 63) / 64 * 64);
}

class DeviceMemory final : public c10::DeviceAllocator {
 public:
  c10::DataPtr allocate(std::size_t bytes) override {
    void* memory = aligned_memory(bytes);
    return {memory, memory, std::free, gpu};
  }
  void copy_data(void* to, const void* from, std::size_t bytes) const override {
    default_copy_data(to, from, bytes);
  }
  c10::DeleterFnPtr raw_deleter() const override { return std::free; }
  bool initialized() override { return true; }
  void emptyCache(c10::MempoolId_t) override {}
  void recordStream(const c10::DataPtr&, c10::Stream) override {}
  c10::CachingDeviceAllocator::DeviceStats getDeviceStats(c10::DeviceIndex) override { return {}; }
  void resetAccumulatedStats(c10::DeviceIndex) override {}
  void resetPeakStats(c10::DeviceIndex) override {}
};

class LockedMemory final : public c10::Allocator {
 public:
  c10::DataPtr allocate(std::size_t bytes) override {
    void* memory = aligned_memory(bytes);
    const std::lock_guard lock(mutex);
    if (memory != nullptr) locked.insert(memory);
    return {memory, memory, free_locked, c10::kCPU};
  }
  void copy_data(void* to, const void* from, std::size_t bytes) const override {
    default_copy_data(to, from, bytes);
  }
  c10::DeleterFnPtr raw_deleter() const override { return free_locked; }

 private:
  static void free_locked(void* memory) {
    const std::lock_guard lock(mutex);
    locked.erase(memory);
    std::free(memory);
  }
};

DeviceMemory memory_of_device;
LockedMemory memory_of_host;
REGISTER_ALLOCATOR(c10::kCUDA, &memory_of_device);

}  // namespace

c10::Allocator* device_memory() { return &memory_of_device; }

c10::Allocator* locked_memory() { return &memory_of_host; }

bool is_locked(const void* block) {
  const std::lock_guard lock(mutex);
  return locked.contains(block);
}

}  // namespace pinfeed

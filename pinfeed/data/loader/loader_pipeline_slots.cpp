// SPDX-License-Identifier: Apache-2.0
// Which batch sits where.
#include <algorithm>
#include <utility>

#include "pinfeed/core/cache_line.h"
#include "pinfeed/core/error.h"
#include "pinfeed/data/loader/loader_pipeline.h"
#include "pinfeed/memory/allocators.h"
#include "pinfeed/memory/device.h"
#include "pinfeed/memory/kernels.h"

namespace pinfeed {
namespace {

// Room for the boxes and labels of the samples, each on a cache line, and for their valid sizes.
std::size_t luggage_bytes(std::span<const Sample> samples) {
  constexpr std::size_t line = cache_line_bytes;
  std::size_t bytes = 2 * line;
  for (const Sample& sample : samples) {
    bytes += sizeof(ValidSize) + 3 * line;
    bytes += sample.boxes.size() * (4 * sizeof(float) + sizeof(std::int64_t));
  }
  return bytes;
}

Allocator near(int device, Allocator allocator) {
  return [device, allocator = std::move(allocator)](std::size_t bytes) {
    choose_device(device);
    return allocator(bytes);
  };
}

}  // namespace

// A batch that travels takes its boxes along, behind what the collate laid out: one copy.
std::size_t LoaderPipeline::slot_bytes(const BatchJob& job) const {
  const std::size_t bytes = job.plan.layout->bytes();
  return limits_.device ? bytes + luggage_bytes(*job.plan.samples) : bytes;
}

// A slot for the job, if one is free. Slots go out in the order of the batches.
bool LoaderPipeline::slot(BatchJob& job) {
  const std::size_t bytes = slot_bytes(job);
  const auto budget = limits_.memory_budget;
  if (budget && static_cast<std::int64_t>(bytes) > *budget) {
    throw Error(ErrorKind::config, "memory_budget is " + std::to_string(*budget) +
                                       " bytes; one batch needs " + std::to_string(bytes))
        .inside("pinfeed.memory_budget")
        .help("raise pinfeed = dict(memory_budget=...), or use a smaller batch_size");
  }
  if (!ring_) open_ring(job);
  job.slot = ring_->try_acquire(bytes);
  job.slot ? clocks_.has_slot() : clocks_.lacks_slot();
  return job.slot.has_value();
}

// What a batch takes whose images are all as large as the pipeline's bound allows. Batches to
// come may have more boxes: without room for them a slot would be allocated anew. Where there is no
// bound, the first batch stands for all.
std::size_t LoaderPipeline::bound_bytes(const BatchJob& job) const {
  constexpr std::size_t line = cache_line_bytes;
  const std::size_t bytes = slot_bytes(job);
  const std::size_t room = bytes / 16;
  const auto& images = job.plan.layout->images();
  const Bound bound = planner_->bound();
  if (!bound || images.empty()) return bytes + room;
  std::size_t own = 0;
  std::size_t pixel = 0;
  for (const ImageSlot& image_slot : images) {
    const Size size = image_slot.image.size();
    own += static_cast<std::size_t>(image_slot.row_bytes) * static_cast<std::size_t>(size.height);
    pixel = std::max(pixel, static_cast<std::size_t>(image_slot.row_bytes / size.width));
  }
  const std::size_t samples = job.plan.samples->size();
  const auto most = static_cast<std::size_t>(planner_->rules().batch_size);
  const std::size_t count = std::max(samples, most) * ((images.size() + samples - 1) / samples);
  const std::size_t all = count * (static_cast<std::size_t>(bound->pixels) * pixel + line);
  return std::max(bytes, bytes - own + all) + room;
}

// Half of the budget is for slots. A bound that it has no room for is no reason to fail: slots grow
// where they must.
void LoaderPipeline::open_ring(const BatchJob& job) {
  std::size_t bytes = bound_bytes(job);
  std::int64_t slots = limits_.slots;
  if (limits_.memory_budget && bytes > 0) {
    const std::int64_t half = *limits_.memory_budget / 2;
    const std::size_t least = slot_bytes(job) + slot_bytes(job) / 16;
    bytes = std::max(least, std::min(bytes, static_cast<std::size_t>(half)));
    slots = std::clamp<std::int64_t>(half / static_cast<std::int64_t>(bytes), 1, slots);
  }
  const std::size_t all = bytes * static_cast<std::size_t>(slots);
  SlotMemory memory = slot_memory(all, limits_.pinning, limits_.device.has_value());
  if (limits_.device) memory.allocate = near(*limits_.device, std::move(memory.allocate));
  Allocator block = carved(std::move(memory.allocate), static_cast<int>(slots), bytes);
  ring_ = std::make_unique<BatchBufferRing>(std::move(block), static_cast<int>(slots), bytes);
  pinned_ = memory.pinned;
  warning_ = std::move(memory.warning);
  if (limits_.device) open_all_slots(bytes);
}

// Before the first copy: this thread holds the lock that a slot which arrives takes, and memory may
// be locked only when the device has come to rest.
void LoaderPipeline::open_all_slots(std::size_t bytes) {
  ring_->when_arrived([this] { slot_arrived(); });
  std::vector<BatchSlot> all;
  while (std::optional<BatchSlot> slot = ring_->try_acquire(bytes)) all.push_back(std::move(*slot));
}

// On the thread that calls back from the device.
void LoaderPipeline::slot_arrived() {
  const std::lock_guard lock(mutex_);
  wake_for_rendering();
}

// The next batch waits for a slot, and nobody but the consumer can leave one.
bool LoaderPipeline::all_slots_kept() const {
  if (flight_.empty() || !ring_ || ring_->stats().free > 0) return false;
  const BatchJob& next = *flight_.front();
  if (next.ready || next.files_left > 0 || next.plan.error) return false;
  return std::none_of(flight_.begin(), flight_.end(),
                      [](const BatchJob* job) { return job->slot.has_value(); });
}

bool LoaderPipeline::pinned() const {
  const std::lock_guard lock(mutex_);
  return pinned_;
}

BatchBufferStats LoaderPipeline::slots() const {
  const std::lock_guard lock(mutex_);
  return ring_ ? ring_->stats() : BatchBufferStats{};
}

std::string LoaderPipeline::take_warning() {
  const std::lock_guard lock(mutex_);
  return std::exchange(warning_, "");
}

}  // namespace pinfeed

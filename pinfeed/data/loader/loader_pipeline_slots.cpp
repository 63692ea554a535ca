// SPDX-License-Identifier: Apache-2.0
// Which batch is rendered into which slot, and how large slots are.
//
// A job gets a slot when all its files are read and an image is to be rendered, in the order of the
// batches: job_to_render() never gives a slot to a job while an earlier one waits for it. Therefore
// the batch that the consumer waits for always has a slot or gets the next free one, and the loader
// cannot deadlock; only the consumer can occupy all slots, which hand_out() reports. A job keeps
// its slot when a bad sample is replaced, for the same reason.
//
// The ring is created with the first planned batch. All slots are pieces of one block, as large as
// the bounds of the transforms say that a batch can become: pinned memory is slow to allocate, and
// allocating it later would stop the device. Where there is no bound the first batch decides, and a
// slot that is too small grows. For a device each slot has space behind the tensors for the boxes
// and labels, so that a batch is one copy.
#include <algorithm>
#include <utility>

#include "pinfeed/core/cache_line.h"
#include "pinfeed/core/error.h"
#include "pinfeed/data/loader/loader_pipeline.h"
#include "pinfeed/image/cache/coefficient_cache.h"
#include "pinfeed/memory/allocators.h"
#include "pinfeed/memory/device.h"
#include "pinfeed/memory/host_memory.h"
#include "pinfeed/memory/kernels.h"

namespace pinfeed {
namespace {

// Bytes for the boxes and labels of the samples, each aligned to a cache line, and for the valid
// sizes of the images: what is copied to the device with the pixels.
std::size_t target_bytes(std::span<const Sample> samples) {
  std::size_t bytes = 2 * cache_line_bytes;
  for (const Sample& sample : samples) {
    bytes += sizeof(ValidSize) + 3 * cache_line_bytes;
    bytes += sample.boxes.size() * (4 * sizeof(float) + sizeof(std::int64_t));
  }
  return bytes;
}

// Allocates with `device` as the current device of the calling thread.
Allocator on_device(int device, Allocator allocator) {
  return [device, allocator = std::move(allocator)](std::size_t bytes) {
    choose_device(device);
    return allocator(bytes);
  };
}

}  // namespace

std::size_t LoaderPipeline::bytes_needed(const BatchJob& job) const {
  const std::size_t bytes = job.plan.layout->bytes();
  return limits_.device ? bytes + target_bytes(*job.plan.samples) : bytes;
}

// Gives the job a slot and its tensors their bytes. False while no slot is free.
bool LoaderPipeline::attach_slot(BatchJob& job) {
  try {
    if (!job.slot && !acquire_slot(job)) return false;
    finalize_layout(*job.plan.layout, job.slot->buffer());
    job.tensors_attached = true;
  } catch (...) {
    job.plan.keep_error("the memory of a batch");
  }
  return true;
}

bool LoaderPipeline::acquire_slot(BatchJob& job) {
  check_budget(job);
  if (!ring_) create_ring(job);
  job.slot = ring_->try_acquire(bytes_needed(job));
  slot_refused_ = !job.slot;
  job.slot ? clocks_.end_slot_wait() : clocks_.begin_slot_wait(job.plan.position.batch);
  return job.slot.has_value();
}

// The bytes of a batch whose images are all as large as the bound of the pipeline allows; without a
// bound, or where half of the machine's memory is too small for slots of that size, of this batch.
// A sixteenth more is for batches with more boxes: without it a slot would have to grow.
std::size_t LoaderPipeline::bytes_of_largest_batch(const BatchJob& job) const {
  const std::size_t bytes = bytes_needed(job);
  const std::size_t reserve = bytes / 16;
  const auto& images = job.plan.layout->images();
  const Bound bound = planner_->bound();
  if (!bound || images.empty()) return bytes + reserve;
  std::size_t image_bytes = 0;
  std::size_t pixel_bytes = 0;
  for (const ImageSlot& image_slot : images) {
    const Size size = image_slot.image.size();
    const auto row_bytes = static_cast<std::size_t>(image_slot.row_bytes);
    image_bytes += row_bytes * static_cast<std::size_t>(size.height);
    pixel_bytes = std::max(pixel_bytes, row_bytes / static_cast<std::size_t>(size.width));
  }
  const std::size_t samples = job.plan.samples->size();
  const auto batch_size = static_cast<std::size_t>(planner_->largest_batch());
  const std::size_t images_per_sample = (images.size() + samples - 1) / samples;
  const std::size_t count = std::max(samples, batch_size) * images_per_sample;
  const std::size_t largest_image =
      static_cast<std::size_t>(bound->pixels) * pixel_bytes + cache_line_bytes;
  const std::size_t largest =
      std::max(bytes, bytes - image_bytes + count * largest_image) + reserve;
  const bool fits = largest <= ram_bytes() / 2 / static_cast<std::size_t>(limits_.slots);
  return fits ? largest : bytes + reserve;
}

// If the largest batch does not fit into the memory budget of the slots, slots are made smaller and
// grow where they must. Then each has memory of its own, which is freed when it grows.
void LoaderPipeline::create_ring(const BatchJob& job) {
  const std::size_t largest = bytes_of_largest_batch(job);
  std::size_t bytes = largest;
  std::int64_t slots = limits_.slots;
  if (limits_.memory_budget && bytes > 0) {
    const std::size_t least = bytes_needed(job) + bytes_needed(job) / 16;
    bytes = std::max(least, std::min(bytes, slot_budget()));
    slots = std::clamp<std::int64_t>(static_cast<std::int64_t>(slot_budget() / bytes), 1, slots);
  }
  const std::size_t total = bytes * static_cast<std::size_t>(slots);
  SlotMemory memory = slot_memory(total, limits_.pinning, limits_.device.has_value());
  if (limits_.device) memory.allocate = on_device(*limits_.device, std::move(memory.allocate));
  const bool may_grow = bytes < largest || !planner_->bound();
  if (!limits_.memory_budget || !may_grow) {
    memory.allocate = carved(std::move(memory.allocate), static_cast<int>(slots), bytes);
  }
  const BatchBufferRing::Limit limit =
      limits_.memory_budget ? std::optional(slot_budget()) : std::nullopt;
  ring_ = std::make_unique<BatchBufferRing>(std::move(memory.allocate), static_cast<int>(slots),
                                            bytes, MemoryKind::pageable, limit);
  ring_->on_release([this] {
    {
      const std::lock_guard lock(mutex_);
      slot_refused_ = false;
    }
    wake_after_slot_or_file();
  });
  pinned_ = memory.pinned;
  warning_ = std::move(memory.warning);
  pinning_refused_ = std::move(memory.refused);
  if (limits_.device) allocate_all_slots(bytes);
}

// Before the first copy. Later the allocation could deadlock: the calling thread holds the lock
// that the callback of a finished copy needs, and locking pages waits until the device is idle.
void LoaderPipeline::allocate_all_slots(std::size_t bytes) {
  std::vector<BatchSlot> all;
  while (std::optional<BatchSlot> slot = ring_->try_acquire(bytes)) all.push_back(std::move(*slot));
}

// The next batch needs a slot and only the consumer can release one.
bool LoaderPipeline::consumer_owns_all_slots() const {
  if (in_flight_.empty() || !ring_) return false;
  if (ring_->stats().free > 0 && !slot_refused_) return false;
  const BatchJob& next = *in_flight_.front();
  if (next.needs_replacement || next.ready || next.unread_files > 0 || next.plan.error)
    return false;
  // The planning thread owns a job that needs a replacement.
  return std::none_of(in_flight_.begin(), in_flight_.end(), [](const BatchJob* job) {
    return job->needs_replacement || job->slot.has_value();
  });
}

bool LoaderPipeline::pinned() const {
  const std::lock_guard lock(mutex_);
  return pinned_ && pinning_refused_().empty();
}

BatchBufferStats LoaderPipeline::slots() const {
  const std::lock_guard lock(mutex_);
  return ring_ ? ring_->stats() : BatchBufferStats{};
}

std::string LoaderPipeline::take_warning() {
  if (limits_.cache) {
    std::string of_cache = limits_.cache->take_warning();
    if (!of_cache.empty()) return of_cache;
  }
  const std::lock_guard lock(mutex_);
  if (!warning_.empty() || refusal_reported_ || !pinning_refused_) {
    return std::exchange(warning_, "");
  }
  std::string refusal = pinning_refused_();
  refusal_reported_ = !refusal.empty();
  return refusal;
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
// What a loader's memory_budget is divided into (docs/memory.md): half for slots, a quarter for
// files that are read ahead, an eighth for decoded images of Cached steps. The last eighth is for
// what is not counted: plans and the working memory of the decoders.
//
// One batch may need more than these parts. Its pixels may take the whole budget, and its files
// what the slots and the cache leave; nothing is read ahead then. A batch that needs more than that
// is an error before its memory is allocated.
//
// The memory of files comes from a pool and goes back when the batch is rendered, so it is used
// again without allocating. Requests follow the largest of the recent batches: then all blocks have
// one size. With a budget a request is as large as the batch needs, and the pool keeps no more than
// the budget leaves.
#include <algorithm>
#include <limits>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/data/loader/loader_pipeline.h"
#include "pinfeed/memory/allocators.h"

namespace pinfeed {
namespace {

constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

std::size_t part_of_budget(const LoaderLimits& limits, std::int64_t divisor) {
  return limits.memory_budget ? static_cast<std::size_t>(*limits.memory_budget / divisor)
                              : no_limit;
}

std::size_t decoded_cache_bytes(const LoaderLimits& limits) {
  return std::min(part_of_budget(limits, 8), std::size_t{128} << 20U);
}

}  // namespace

LoaderPipeline::LoaderPipeline(std::shared_ptr<Planner> planner, LoaderLimits limits)
    : planner_(std::move(planner)),
      limits_(std::move(limits)),
      file_memory_(pooled(pageable(), {.keep_bytes = part_of_budget(limits_, 4)})),
      clocks_(limits_.trace) {
  decoded_ = std::make_shared<image::PixelCache>(decoded_cache_bytes(limits_));
  consumer_ = clocks_.thread(LoaderStage::consumer, "consumer");
  const int count = 2 * limits_.slots + 2;
  for (int i = 0; i < count; ++i) jobs_.push_back(std::make_unique<BatchJob>());
  free_jobs_.reserve(jobs_.size());
  for (const auto& job : jobs_) free_jobs_.push_back(job.get());
  in_flight_.reserve(jobs_.size());
}

std::size_t LoaderPipeline::slot_budget() const { return part_of_budget(limits_, 2); }

// What the slots and the cache leave of the budget for the files of this batch.
std::size_t LoaderPipeline::max_file_bytes(const BatchJob& job) const {
  if (!limits_.memory_budget) return no_limit;
  const std::size_t pixels = job.plan.layout ? bytes_needed(job) : 0;
  const std::size_t reserved =
      std::max(slot_budget(), pixels + pixels / 16) + part_of_budget(limits_, 8);
  const auto budget = static_cast<std::size_t>(*limits_.memory_budget);
  return budget - std::min(budget, reserved);
}

// Throws Error(config) if the pixels of one batch, or its files, exceed the budget.
void LoaderPipeline::check_budget(const BatchJob& job) const {
  if (!limits_.memory_budget) return;
  const auto fail = [this](const std::string& what) {
    throw Error(ErrorKind::config,
                "memory_budget is " + std::to_string(*limits_.memory_budget) + " bytes; " + what)
        .inside("pinfeed.memory_budget")
        .help("raise pinfeed = dict(memory_budget=...), or use a smaller batch_size");
  };
  const std::size_t pixels = bytes_needed(job);
  if (pixels > part_of_budget(limits_, 1)) fail("one batch needs " + std::to_string(pixels));
  const std::size_t most = max_file_bytes(job);
  std::size_t files = 0;
  for (const image::Encoded* file : job.plan.encoded) {
    if (is_read(*file) && file->header.file_bytes <= most)
      files += file->header.file_bytes;  // see read_file()
  }
  if (files <= most) return;
  fail("the files of one batch have " + std::to_string(files) + ", and " + std::to_string(most) +
       " are left for them");
}

// On the planning thread, without the lock.
void LoaderPipeline::place_files(BatchJob& job) {
  job.file_bytes = {};
  job.files_end = 0;
  if (job.plan.layout && !job.plan.error) check_budget(job);
  job.place_files(max_file_bytes(job));
}

// On the planning thread, without the lock.
void LoaderPipeline::note_file_bytes(std::size_t bytes) {
  const std::size_t largest_before = recent_file_bytes_.value();
  recent_file_bytes_.add(bytes);
  if (recent_file_bytes_.value() < largest_before / 2) file_memory_.trim();
}

bool LoaderPipeline::planned_files_fit() const {
  if (!limits_.memory_budget || in_flight_.empty()) return true;
  std::size_t bytes = planned_->files_end;
  for (const BatchJob* job : in_flight_) bytes += job->file_bytes.size;
  return bytes <= part_of_budget(limits_, 4);
}

void LoaderPipeline::allocate_files(BatchJob& job) {
  if (job.files_end == 0) return;
  const std::size_t recent = recent_file_bytes_.value();
  const std::size_t bytes =
      limits_.memory_budget ? job.files_end : std::max(job.files_end, recent + recent / 4);
  try {
    const PoolStats now = file_memory_.stats();
    if (now.used_bytes + now.kept_bytes + bytes > part_of_budget(limits_, 4)) file_memory_.trim();
    job.file_bytes = file_memory_.allocate(bytes);
  } catch (...) {
    job.plan.keep_error("the memory of files");
    job.fail(job.plan.error);
  }
}

// Batches without slots are kept, and nothing else is planned.
bool LoaderPipeline::consumer_owns_all_jobs() const {
  return in_flight_.empty() && free_jobs_.empty() && planned_ == nullptr && !planning_;
}

}  // namespace pinfeed

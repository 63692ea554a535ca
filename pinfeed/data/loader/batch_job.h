// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "pinfeed/data/loader/batch_plan.h"
#include "pinfeed/image/image.h"
#include "pinfeed/memory/batch_buffer_ring.h"

namespace pinfeed {

/// One batch on its way through the LoaderPipeline: planned, its files read, rendered into a slot,
/// handed out, recycled. The counters belong to the pipeline's lock; plan, file bytes and slot
/// belong to the stage that works on the job.
struct BatchJob {
  BatchPlan plan = {};
  std::vector<std::byte> file_bytes = {};  // the files, one after the other
  std::vector<std::size_t> file_offsets = {};
  std::optional<BatchSlot> slot = {};

  std::size_t next_file = 0;          // to give to a thread
  std::size_t unread_files = 0;       // not read yet, including those that a thread works on
  std::size_t next_image = 0;         // to give to a thread
  std::size_t unrendered_images = 0;  // not rendered yet, including those that a thread works on
  std::size_t failed_image = 0;       // the first that failed, if `failed`
  bool failed = false;                // plan.error comes from reading or rendering
  bool needs_replacement = false;     // waits until the planner replaces a bad sample
  bool tensors_attached = false;      // the tensors refer to the slot's bytes
  bool ready = false;                 // may be handed out

  /// Sets the counters and flags for the plan.
  void reset_progress();
  /// Gives each file its offset in `file_bytes`, whose memory is kept from batch to batch.
  /// `expected_bytes` is an estimate for all batches and is raised if this one needs more.
  void reserve_file_bytes(std::size_t& expected_bytes);
  std::size_t image_count() const { return plan.layout ? plan.layout->images().size() : 0; }
};

/// The pixels of an image of a batch, in the buffer of its slot.
image::ImageView view_of(const ImageSlot& image_slot, const Buffer& slot);

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <vector>

#include "pinfeed/core/buffer.h"
#include "pinfeed/data/loader/batch_plan.h"
#include "pinfeed/image/image.h"
#include "pinfeed/memory/batch_buffer_ring.h"

namespace pinfeed {

/// One batch on its way through the LoaderPipeline: planned, its files read, rendered into a slot,
/// handed out, recycled. The counters belong to the pipeline's lock; plan, file bytes and slot
/// belong to the stage that works on the job.
struct BatchJob {
  BatchPlan plan = {};
  Buffer file_bytes = {};  // the files, one after the other, until the batch is rendered
  std::vector<std::size_t> file_offsets = {};
  std::vector<std::vector<std::byte>> replaced_files = {};  // of those whose record is damaged
  std::size_t files_end = 0;                                // the bytes of all files
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

  /// The job has this error instead of a batch, and no files and no slot.
  void fail(std::exception_ptr error);
  /// Sets the counters and flags for the plan.
  void reset_progress();
  /// Gives each file of at most `max_bytes` its offset in `file_bytes`; reading a larger one is an
  /// error. Sets `files_end`.
  void place_files(std::size_t max_bytes);
  std::size_t image_count() const { return plan.layout ? plan.layout->images().size() : 0; }
};

/// Whether the file has to be read: its coefficients are in no cache, and it is not in memory.
bool is_read(const image::Encoded& file);

/// The pixels of an image of a batch, in the buffer of its slot.
image::ImageView view_of(const ImageSlot& image_slot, const Buffer& slot);

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <vector>

#include "pinfeed/data/loader/planner.h"
#include "pinfeed/image/image.h"
#include "pinfeed/memory/batch_buffer_ring.h"

namespace pinfeed {

/// A batch on its way: planned, its files read, rendered into a slot, handed out, recycled.
struct BatchJob {
  BatchPlan plan = {};
  std::vector<std::byte> bytes = {};  // the files, one after the other
  std::vector<std::size_t> file_offsets = {};
  std::optional<BatchSlot> slot = {};
  // Counters of work given out and of work not yet done.
  std::size_t next_file = 0;
  std::size_t files_left = 0;
  std::size_t next_image = 0;
  std::size_t images_left = 0;
  std::size_t failed_image = 0;  // the first, when plan.error comes from rendering or reading
  bool failed = false;           // ... and it does
  bool replacing = false;        // goes back to planning for another sample
  bool begun = false;            // its tensors have their bytes
  bool ready = false;
};

/// The slot's bytes as the image of that place.
image::ImageView view_of(const ImageSlot& image_slot, const Buffer& slot);
/// Gives each file of the batch its place in the job's bytes; the memory is kept from batch to
/// batch. `most_bytes` is what any batch is expected to need: all jobs have room for it.
void lay_out_files(BatchJob& job, std::size_t& most_bytes);
/// The first image of the batch that shows the stored image.
std::size_t image_of(const BatchPlan& plan, const image::Encoded* stored);
/// The error with the sample and the batch it belongs to in its trail.
std::exception_ptr with_context(std::exception_ptr error, const BatchPlan& plan, std::size_t image);

}  // namespace pinfeed

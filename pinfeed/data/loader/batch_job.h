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

/// A batch on its way: planned, its files read, rendered into a seat, handed out, recycled.
struct Ticket {
  BatchPlan plan = {};
  std::vector<std::byte> bytes = {};  // the files, one after the other
  std::vector<std::size_t> file_offsets = {};
  std::optional<Seat> seat = {};
  // Counters of work given out and of work not yet done.
  std::size_t next_file = 0;
  std::size_t files_left = 0;
  std::size_t next_picture = 0;
  std::size_t pictures_left = 0;
  std::size_t failed_picture = 0;  // the first, when plan.error comes from rendering or reading
  bool failed = false;             // ... and it does
  bool replacing = false;          // goes back to planning for another sample
  bool begun = false;              // its tensors have their bytes
  bool ready = false;
};

/// The seat's bytes as the picture of that place.
image::ImageView view_of(const PicturePlace& place, const Buffer& seat);
/// Gives each file of the batch its place in the ticket's bytes; the memory is kept from batch to
/// batch. `most_bytes` is what any batch is expected to need: all tickets have room for it.
void lay_out_files(Ticket& ticket, std::size_t& most_bytes);
/// The first picture of the batch that shows the stored picture.
std::size_t picture_of(const BatchPlan& plan, const image::Encoded* stored);
/// The error with the sample and the batch it belongs to in its trail.
std::exception_ptr with_trail(std::exception_ptr error, const BatchPlan& plan, std::size_t picture);

}  // namespace pinfeed

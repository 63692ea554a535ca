// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/loader/batch_job.h"

#include <string>
#include <utility>

#include "pinfeed/core/error.h"

namespace pinfeed {

image::ImageView view_of(const PicturePlace& place, const Buffer& seat) {
  const Size size = place.picture.size();
  return {seat.data() + place.offset, size.height,     size.width,
          place.picture.channels(),   place.row_bytes, place.picture.dtype()};
}

std::exception_ptr with_trail(std::exception_ptr error, const BatchPlan& plan,
                              std::size_t picture) {
  const Sample& sample = (*plan.samples)[plan.layout->pictures()[picture].sample];
  try {
    std::rethrow_exception(std::move(error));
  } catch (Error& known) {
    known.along("LoadImageFromFile worked on " + std::string(sample.img_path));
    known.along("loading sample " + std::to_string(sample.index));
    known.along("filling batch " + std::to_string(plan.place.batch) + " of epoch " +
                std::to_string(plan.place.epoch));
    const bool replaceable = known.kind() == ErrorKind::data && plan.bad.rule == OnBadSample::raise;
    if (replaceable) known.help(bad_sample_advice);
    return std::make_exception_ptr(known);
  } catch (...) {
    return std::current_exception();
  }
}

std::size_t picture_of(const BatchPlan& plan, const image::Encoded* stored) {
  const auto& pictures = plan.layout->pictures();
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    bool found = false;
    image::for_each_encoded(pictures[i].picture,
                            [&](const image::Encoded* one) { found = found || one == stored; });
    if (found) return i;
  }
  return 0;
}

void lay_out_files(Ticket& ticket, std::size_t& most_bytes) {
  std::size_t end = 0;
  ticket.file_offsets.clear();
  for (const image::Encoded* stored : ticket.plan.encoded) {
    ticket.file_offsets.push_back(end);
    end += stored->header.file_bytes;
  }
  if (most_bytes < end) most_bytes = end + end / 2;  // batches to come vary
  ticket.bytes.reserve(most_bytes);
  if (ticket.bytes.size() < end) ticket.bytes.resize(end);
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/loader/batch_job.h"

namespace pinfeed {

void BatchJob::reset_progress() {
  next_file = next_image = 0;
  unread_files = plan.encoded.size();
  unrendered_images = image_count();
  failed = needs_replacement = tensors_attached = false;
  ready = !plan.layout;
}

void BatchJob::reserve_file_bytes(std::size_t& expected_bytes) {
  std::size_t end = 0;
  file_offsets.clear();
  for (const image::Encoded* file : plan.encoded) {
    file_offsets.push_back(end);
    end += file->header.file_bytes;
  }
  if (expected_bytes < end) expected_bytes = end + end / 2;  // later batches may be larger
  file_bytes.reserve(expected_bytes);
  if (file_bytes.size() < end) file_bytes.resize(end);
}

image::ImageView view_of(const ImageSlot& image_slot, const Buffer& slot) {
  const Size size = image_slot.image.size();
  return {slot.data() + image_slot.offset, size.height,          size.width,
          image_slot.image.channels(),     image_slot.row_bytes, image_slot.image.dtype()};
}

}  // namespace pinfeed

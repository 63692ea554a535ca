// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/loader/batch_job.h"

#include <utility>

namespace pinfeed {

void BatchJob::reset_progress() {
  next_file = next_image = 0;
  unread_files = plan.encoded.size();
  unrendered_images = image_count();
  failed = needs_replacement = tensors_attached = false;
  ready = !plan.layout;
}

void BatchJob::place_files(std::size_t max_bytes) {
  files_end = 0;
  file_offsets.clear();
  replaced_files.assign(plan.encoded.size(), {});
  for (const image::Encoded* file : plan.encoded) {
    file_offsets.push_back(files_end);
    if (is_read(*file) && file->header.file_bytes <= max_bytes)
      files_end += file->header.file_bytes;
  }
}

void BatchJob::fail(std::exception_ptr error) {
  plan.error = std::move(error);
  plan.layout.reset();
  plan.encoded.clear();
  files_end = 0;
  file_bytes = {};
  slot.reset();
}

bool is_read(const image::Encoded& file) {
  return file.cache.found == nullptr && !file.path.empty();
}

image::ImageView view_of(const ImageSlot& image_slot, const Buffer& slot) {
  const Size size = image_slot.image.size();
  return {slot.data() + image_slot.offset, size.height,          size.width,
          image_slot.image.channels(),     image_slot.row_bytes, image_slot.image.dtype()};
}

}  // namespace pinfeed

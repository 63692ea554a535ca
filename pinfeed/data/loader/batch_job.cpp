// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/loader/batch_job.h"

#include <string>
#include <utility>

#include "pinfeed/core/error.h"

namespace pinfeed {

image::ImageView view_of(const ImageSlot& image_slot, const Buffer& slot) {
  const Size size = image_slot.image.size();
  return {slot.data() + image_slot.offset, size.height,          size.width,
          image_slot.image.channels(),     image_slot.row_bytes, image_slot.image.dtype()};
}

std::exception_ptr with_context(std::exception_ptr error, const BatchPlan& plan,
                                std::size_t image) {
  const Sample& sample = (*plan.samples)[plan.layout->images()[image].sample];
  const auto with_names = [&](Error known) {
    known.with_context(StepContext{"LoadImageFromFile", std::string(sample.img_path)});
    known.with_context(SampleContext{sample.index});
    known.with_context(BatchContext{plan.position.batch, plan.position.epoch});
    const bool replaceable = known.kind() == ErrorKind::data && plan.bad.rule == OnBadSample::raise;
    if (replaceable) known.help(bad_sample_advice);
    return std::make_exception_ptr(known);
  };
  try {
    std::rethrow_exception(std::move(error));
  } catch (const Error& known) {
    return with_names(known);
  } catch (const std::exception& other) {
    return with_names(unexpected_error("rendering", other));
  } catch (...) {
    return std::current_exception();
  }
}

std::size_t image_of(const BatchPlan& plan, const image::Encoded* stored) {
  const auto& images = plan.layout->images();
  for (std::size_t i = 0; i < images.size(); ++i) {
    bool found = false;
    image::for_each_encoded(images[i].image,
                            [&](const image::Encoded* one) { found = found || one == stored; });
    if (found) return i;
  }
  return 0;
}

void lay_out_files(BatchJob& job, std::size_t& most_bytes) {
  std::size_t end = 0;
  job.file_offsets.clear();
  for (const image::Encoded* stored : job.plan.encoded) {
    job.file_offsets.push_back(end);
    end += stored->header.file_bytes;
  }
  if (most_bytes < end) most_bytes = end + end / 2;  // batches to come vary
  job.bytes.reserve(most_bytes);
  if (job.bytes.size() < end) job.bytes.resize(end);
}

}  // namespace pinfeed

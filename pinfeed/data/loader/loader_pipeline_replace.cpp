// SPDX-License-Identifier: Apache-2.0
// A batch of which one sample could not be rendered goes back to planning (docs/house.md, 6).
#include "pinfeed/data/loader/loader_pipeline.h"

namespace pinfeed {

void LoaderPipeline::start_work(BatchJob& job) {
  job.next_file = job.next_image = 0;
  job.files_left = job.plan.encoded.size();
  job.images_left = job.plan.layout ? job.plan.layout->images().size() : 0;
  job.failed = job.replacing = job.begun = false;
  job.ready = !job.plan.layout;
}

// The first batch that waits for another sample in the place of a bad one.
BatchJob* LoaderPipeline::job_to_replace() {
  for (BatchJob* job : flight_) {
    if (job->replacing) return job;
  }
  return nullptr;
}

// The batch keeps its slot: later ones may hold all others until it is handed out.
void LoaderPipeline::replace_sample(BatchJob& job) {
  const std::size_t sample = job.plan.layout->images()[job.failed_image].sample;
  const std::exception_ptr error = job.plan.error;
  if (!planner_->replace(job.plan, sample, error)) job.plan.error = error;
  if (job.plan.error) {
    job.plan.layout.reset();
    job.plan.encoded.clear();
    job.slot.reset();
  } else if (job.slot) {
    job.slot->fit(slot_bytes(job));
  }
}

}  // namespace pinfeed

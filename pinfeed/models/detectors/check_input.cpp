// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/detectors/check_input.h"

#include <string>

#include "pinfeed/core/error.h"

namespace pinfeed {

// Collate functions for other tasks drop the data samples.
void require_samples(const ModelInput& input) {
  const std::int64_t images = input.images.size(0);
  if (std::ssize(input.data_samples) == images) return;
  throw Error(ErrorKind::config, "the batch has " + std::to_string(images) + " images and " +
                                     std::to_string(input.data_samples.size()) +
                                     " data samples; a detector needs one for each image")
      .help("end the pipeline with PackDetInputs, and set collate_fn=dict(type='pseudo_collate')");
}

// Without boxes, everything would be background.
void require_truth(const ModelInput& input) {
  for (const DetDataSample& sample : input.data_samples) {
    if (sample.has_truth) continue;
    throw Error(ErrorKind::config, "the data samples have no boxes and labels to learn from")
        .help("add dict(type='LoadAnnotations', with_bbox=True) to the pipeline");
  }
}

}  // namespace pinfeed

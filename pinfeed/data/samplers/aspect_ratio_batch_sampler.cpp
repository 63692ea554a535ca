// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 3.5.
#include "pinfeed/data/samplers/aspect_ratio_batch_sampler.h"

#include "pinfeed/data/dataset.h"
#include "pinfeed/data/samplers/aspect_ratio_batches.h"

namespace pinfeed {

void describe(Schema<AspectRatioBatchSampler>& schema) {
  schema
      .summary(
          "Batches of portrait images and batches of landscape images; the last ones of an epoch "
          "may mix both.")
      .optional("drop_last", &AspectRatioBatchSampler::drop_last, "leave out incomplete batches");
}

BatchSampler make(const AspectRatioBatchSampler& params, const SamplerContext& context) {
  const Dataset& dataset = *context.dataset;
  return make_aspect_ratio_batches(AspectRatioBatchSampler::name, dataset,
                                   {.source_ends = {dataset.size},
                                    .batch_sizes = {context.batch_size},
                                    .drop_last = params.drop_last,
                                    .as_upstream = context.replay});
}

}  // namespace pinfeed

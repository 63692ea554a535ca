// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 3.5.
#include "pinfeed/data/samplers/multi_data_aspect_ratio_batch_sampler.h"

#include <algorithm>

#include "pinfeed/data/dataset.h"
#include "pinfeed/data/samplers/aspect_ratio_batches.h"

namespace pinfeed {
namespace {

void check_batch_sizes(const MultiDataAspectRatioBatchSampler& params) {
  const auto& sizes = params.batch_size;
  const bool positive = std::all_of(sizes.begin(), sizes.end(), [](auto n) { return n > 0; });
  if (positive && std::ssize(sizes) == params.num_datasets) return;
  throw Error(ErrorKind::config, "batch_size must be a list of num_datasets numbers above 0");
}

}  // namespace

void describe(Schema<MultiDataAspectRatioBatchSampler>& schema) {
  schema
      .summary(
          "Batches whose images are from one data set of a ConcatDataset, and all portrait or all "
          "landscape.")
      .required("batch_size", &MultiDataAspectRatioBatchSampler::batch_size,
                "samples in a batch of each data set")
      .required("num_datasets", &MultiDataAspectRatioBatchSampler::num_datasets,
                "number of data sets", at_least(1))
      .optional("drop_last", &MultiDataAspectRatioBatchSampler::drop_last,
                "leave out incomplete batches")
      .check(check_batch_sizes);
}

BatchSampler make(const MultiDataAspectRatioBatchSampler& params, const SamplerContext& context) {
  const std::vector<std::int64_t>& ends = context.dataset->source_ends;
  if (std::ssize(ends) != params.num_datasets) {
    throw Error(ErrorKind::config, "num_datasets is " + std::to_string(params.num_datasets) +
                                       "; the data set is made of " + std::to_string(ends.size()))
        .help("this sampler needs a ConcatDataset of num_datasets data sets");
  }
  return make_aspect_ratio_batches(MultiDataAspectRatioBatchSampler::name, *context.dataset,
                                   {.source_ends = ends,
                                    .batch_sizes = params.batch_size,
                                    .drop_last = params.drop_last,
                                    .as_upstream = context.replay});
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet/datasets/samplers/multi_source_sampler.py.
#include "pinfeed/data/samplers/group_multi_source_sampler.h"

namespace pinfeed {

void describe(Schema<GroupMultiSourceSampler>& schema) {
  schema
      .summary("MultiSourceSampler whose batches are all portrait images or all landscape images.")
      .include<MultiSourceSampler>();
}

// The group of a batch is sampled from a generator of its own, seeded with the seed of the run.
// Upstream uses numpy's global generator of the main process; it has this state only when worker
// processes run the transforms.
Sampler make(const GroupMultiSourceSampler& params, const SamplerContext& context) {
  if (context.replay && context.num_workers == 0) {
    throw Error(
        ErrorKind::config,
        "GroupMultiSourceSampler cannot be replayed with num_workers=0: there OpenMMLab samples "
        "the shape of a batch between the random numbers of its transforms")
        .help("set num_workers to 1 or more, or leave out replay='openmmlab'");
  }
  return make_multi_source(params, context, GroupMultiSourceSampler::name, SourceGroups::by_shape);
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tuple>

#include "pinfeed/data/samplers/aspect_ratio_batch_sampler.h"
#include "pinfeed/data/samplers/class_aware_sampler.h"
#include "pinfeed/data/samplers/default_sampler.h"
#include "pinfeed/data/samplers/distributed_sampler.h"
#include "pinfeed/data/samplers/group_multi_source_sampler.h"
#include "pinfeed/data/samplers/infinite_sampler.h"
#include "pinfeed/data/samplers/keyed_sampler.h"
#include "pinfeed/data/samplers/multi_data_aspect_ratio_batch_sampler.h"
#include "pinfeed/data/samplers/multi_source_sampler.h"

namespace pinfeed {

/// The samplers and batch samplers of pinfeed, in the order of `pinfeed list`.
using BuiltinSamplers =
    std::tuple<DefaultSampler, DistributedSampler, InfiniteSampler, ClassAwareSampler,
               MultiSourceSampler, GroupMultiSourceSampler, KeyedSampler>;
using BuiltinBatchSamplers = std::tuple<AspectRatioBatchSampler, MultiDataAspectRatioBatchSampler>;

}  // namespace pinfeed

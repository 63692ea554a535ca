// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tuple>

#include "pinfeed/data/collates/default_collate.h"
#include "pinfeed/data/collates/group_collate.h"
#include "pinfeed/data/collates/pack_collate.h"
#include "pinfeed/data/collates/pad_collate.h"
#include "pinfeed/data/collates/pseudo_collate.h"
#include "pinfeed/data/collates/yolov5_collate.h"

namespace pinfeed {

/// The collates of pinfeed, in the order of `pinfeed list`.
using BuiltinCollates =
    std::tuple<DefaultCollate, PseudoCollate, GroupCollate, Yolov5Collate, PadCollate, PackCollate>;

}  // namespace pinfeed

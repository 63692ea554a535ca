// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tuple>
#include <vector>

#include "pinfeed/config/schema.h"
#include "pinfeed/schemas/detector_schema.h"
#include "pinfeed/schemas/mae_schema.h"

namespace pinfeed {

/// The models that `model = dict(type=...)` can name. models/ builds its catalog from this list,
/// so that a name here without an implementation does not compile.
using BuiltinModels = std::tuple<MAE, FCOS>;

// The parts of models, by role.
using BuiltinBackbones = std::tuple<MAEViT, ViT>;
using BuiltinNecks = std::tuple<MAEPretrainDecoder, SimpleFPN>;
using BuiltinHeads = std::tuple<MAEPretrainHead, FCOSHead>;
using BuiltinLosses =
    std::tuple<PixelReconstructionLoss, FocalLoss, IoULoss, GIoULoss, CrossEntropyLoss>;
using BuiltinLayers = std::tuple<LN, LN2d, GN, GELU, Conv2d>;
using BuiltinModelOptions = std::tuple<DenseTestCfg, Nms, Pretrained>;

/// Documentation of the models and of their parts, in the order of the lists above.
std::vector<PartDoc> model_docs();

}  // namespace pinfeed

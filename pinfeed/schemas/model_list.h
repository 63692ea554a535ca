// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "pinfeed/config/schema.h"
#include "pinfeed/data/dataset.h"
#include "pinfeed/data/training_parts.h"
#include "pinfeed/schemas/detector_schema.h"
#include "pinfeed/schemas/gfl_schema.h"
#include "pinfeed/schemas/mae_schema.h"
#include "pinfeed/schemas/two_stage_schema.h"

namespace pinfeed {

/// The models that `model = dict(type=...)` can name. models/ builds its catalog from this list,
/// so that a name here without an implementation does not compile.
using BuiltinModels = std::tuple<MAE, FCOS, RetinaNet, GFL, FasterRCNN, MaskRCNN, CascadeRCNN>;

// The parts of models, by role.
using BuiltinBackbones = std::tuple<MAEViT, ViT, ResNet>;
using BuiltinNecks = std::tuple<MAEPretrainDecoder, SimpleFPN, FPN>;
using BuiltinHeads = std::tuple<MAEPretrainHead, FCOSHead, RetinaHead, GFLHead, RPNHead,
                                StandardRoIHead, CascadeRoIHead, Shared2FCBBoxHead,
                                Shared4Conv1FCBBoxHead, ConvFCBBoxHead, FCNMaskHead>;
using BuiltinLosses =
    std::tuple<PixelReconstructionLoss, FocalLoss, QualityFocalLoss, DistributionFocalLoss,
               CrossEntropyLoss, L1Loss, SmoothL1Loss, IoULoss, GIoULoss, DIoULoss, CIoULoss>;
using BuiltinLayers = std::tuple<LN, LN2d, GN, BN, SyncBN, GELU, Conv2d>;
using BuiltinTaskParts = std::tuple<AnchorGenerator, DeltaXYWHBBoxCoder, DistancePointBBoxCoder,
                                    MaxIoUAssigner, ATSSAssigner, BboxOverlaps2D, RandomSampler,
                                    PseudoSampler, RoIAlign, SingleRoIExtractor, Deconv>;
using BuiltinModelOptions =
    std::tuple<DenseTestCfg, Nms, SoftNms, ProposalCfg, RcnnTestCfg, AnchorTrainCfg, GFLTrainCfg,
               RcnnTrainCfg, TwoStageTrainCfg, TwoStageTestCfg, UpsampleCfg, Pretrained>;

/// config.model without its data_preprocessor. Throws Error(config) if there is none.
Value network_of(const Value& config);

/// Reads the keys of config.model and of its parts without building them. Throws Error(config),
/// with the words of the error that building it would throw. `added` are further models that the
/// config may name.
void check_model(const Value& config, const ModelCatalog& added = {});

/// The names of pinfeed's models.
std::vector<std::string> model_names();

/// The value of num_classes in a part of a model, or its default.
struct ClassCount {
  std::string path = {};  // "model.bbox_head.num_classes"
  std::string type = {};  // "FCOSHead"
  std::int64_t count = 0;
  SourceSpan span = {};  // of the value, or of the part's type
};
std::vector<ClassCount> class_counts(const Value& config);

/// mmdet's NumClassCheckHook: throws Error(config) naming both numbers when a num_classes of the
/// model is not the number of classes of the data set, and when its classes are a str. `section`
/// is the loader. A data set without classes is not checked.
void check_class_counts(const Value& config, const Metainfo& dataset, const std::string& section);

/// Throws Error(data) when the data set has an object whose label the model cannot learn: one that
/// is negative, or not below every num_classes. Without it such objects would be background.
void check_labels(const Value& config, const Dataset& dataset);

/// Documentation of the models and of their parts, in the order of the lists above.
std::vector<PartDoc> model_docs();

}  // namespace pinfeed

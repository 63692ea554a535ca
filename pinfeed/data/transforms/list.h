// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tuple>

#include "pinfeed/data/transforms/cached_mix_up.h"
#include "pinfeed/data/transforms/cached_mosaic.h"
#include "pinfeed/data/transforms/center_crop.h"
#include "pinfeed/data/transforms/color_jitter.h"
#include "pinfeed/data/transforms/cut_out.h"
#include "pinfeed/data/transforms/expand.h"
#include "pinfeed/data/transforms/filter_annotations.h"
#include "pinfeed/data/transforms/fix_scale_resize.h"
#include "pinfeed/data/transforms/fix_shape_resize.h"
#include "pinfeed/data/transforms/load_annotations.h"
#include "pinfeed/data/transforms/load_image_from_file.h"
#include "pinfeed/data/transforms/min_iou_random_crop.h"
#include "pinfeed/data/transforms/mix_up.h"
#include "pinfeed/data/transforms/mosaic.h"
#include "pinfeed/data/transforms/normalize.h"
#include "pinfeed/data/transforms/pack_det_inputs.h"
#include "pinfeed/data/transforms/pack_inputs.h"
#include "pinfeed/data/transforms/pad.h"
#include "pinfeed/data/transforms/photo_metric_distortion.h"
#include "pinfeed/data/transforms/random_affine.h"
#include "pinfeed/data/transforms/random_apply.h"
#include "pinfeed/data/transforms/random_center_crop_pad.h"
#include "pinfeed/data/transforms/random_choice.h"
#include "pinfeed/data/transforms/random_choice_resize.h"
#include "pinfeed/data/transforms/random_crop.h"
#include "pinfeed/data/transforms/random_erasing.h"
#include "pinfeed/data/transforms/random_flip.h"
#include "pinfeed/data/transforms/random_resize.h"
#include "pinfeed/data/transforms/random_resized_crop.h"
#include "pinfeed/data/transforms/random_shift.h"
#include "pinfeed/data/transforms/resize.h"
#include "pinfeed/data/transforms/resize_shortest_edge.h"
#include "pinfeed/data/transforms/yolox_hsv_random_aug.h"

namespace pinfeed {

/// The transforms of pinfeed, in the order in which `pinfeed list` prints them.
using BuiltinTransforms =
    std::tuple<LoadImageFromFile, LoadAnnotations, Resize, FixScaleResize, FixShapeResize,
               ResizeShortestEdge, RandomResize, RandomChoiceResize, RandomFlip, RandomCrop,
               MinIoURandomCrop, CenterCrop, RandomCenterCropPad, RandomResizedCrop, RandomShift,
               RandomAffine, Expand, Pad, CutOut, RandomErasing, Mosaic, CachedMosaic, MixUp,
               CachedMixUp, PhotoMetricDistortion, YOLOXHSVRandomAug, ColorJitter, Normalize,
               FilterAnnotations, RandomChoice, RandomApply, PackDetInputs, PackInputs>;

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tuple>

#include "pinfeed/data/datasets/base_dataset.h"
#include "pinfeed/data/datasets/base_det_dataset.h"
#include "pinfeed/data/datasets/class_balanced_dataset.h"
#include "pinfeed/data/datasets/coco_dataset.h"
#include "pinfeed/data/datasets/concat_dataset.h"
#include "pinfeed/data/datasets/custom_dataset.h"
#include "pinfeed/data/datasets/imagenet.h"
#include "pinfeed/data/datasets/lvis_v1_dataset.h"
#include "pinfeed/data/datasets/mae_dataset_4ds.h"
#include "pinfeed/data/datasets/multi_image_mix_dataset.h"
#include "pinfeed/data/datasets/repeat_dataset.h"
#include "pinfeed/data/datasets/voc_dataset.h"
#include "pinfeed/data/datasets/xml_dataset.h"

namespace pinfeed {

/// The datasets of pinfeed, in the order of `pinfeed list`.
using BuiltinDatasets =
    std::tuple<CocoDataset, LVISV1Dataset, MAEDataset4DS, XMLDataset, VOCDataset, BaseDataset,
               BaseDetDataset, CustomDataset, ImageNet, RepeatDataset, ConcatDataset,
               ClassBalancedDataset, MultiImageMixDataset>;

}  // namespace pinfeed

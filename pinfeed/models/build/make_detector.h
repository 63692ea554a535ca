// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "pinfeed/models/model.h"
#include "pinfeed/schemas/detector_schema.h"
#include "pinfeed/schemas/gfl_schema.h"
#include "pinfeed/schemas/two_stage_schema.h"

namespace pinfeed {

/// Builds the detector from the parts that its config names, in the order backbone, neck, head: the
/// order decides which random numbers each part starts from. Then loads the weights that init_cfg
/// names.
std::shared_ptr<Model> make_network(const FCOS& params);
std::shared_ptr<Model> make_network(const RetinaNet& params);
std::shared_ptr<Model> make_network(const GFL& params);
std::shared_ptr<Model> make_network(const FasterRCNN& params);
std::shared_ptr<Model> make_network(const MaskRCNN& params);
std::shared_ptr<Model> make_network(const CascadeRCNN& params);

}  // namespace pinfeed

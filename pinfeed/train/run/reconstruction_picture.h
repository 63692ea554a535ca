// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/image/image.h"
#include "pinfeed/schemas/preprocessor_schema.h"
#include "pinfeed/train/logging/run_log.h"
#include "pinfeed/train/loop/train_parts.h"

namespace pinfeed {

/// Images of the same size (N, 3, H, W), normalised as `preprocessing` does, as one BGR uint8
/// image: a row for each of the N, a column for each entry of `columns`, white lines between them.
image::Image picture_of(const std::vector<torch::Tensor>& columns,
                        const Preprocessing& preprocessing);

/// Writes what a self-supervised model makes of the first images of the next batch to
/// reconstructions.png of the work dir; nothing for other models. `preprocessing` is that of the
/// config, `dataset` that of the loader. The training is complete, so an error here is a warning in
/// the log.
void report_reconstructions(const TrainParts& parts, const Preprocessing& preprocessing,
                            const Metainfo& dataset, RunLog& log);

}  // namespace pinfeed

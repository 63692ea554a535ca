// SPDX-License-Identifier: Apache-2.0
// The public header of pinfeed: what a program needs that reads OpenMMLab configs and loads their
// batches. A minimal program:
//
//   const pinfeed::Config config = pinfeed::read_config("config.py");
//   pinfeed::Loader loader = pinfeed::make_loader(config.root, "train_dataloader",
//                                                 pinfeed::builtin(), {.seed = 1});
//   while (std::optional<pinfeed::Batch> batch = loader.next()) use(batch->data());
//
// Everything is in namespace pinfeed; pixel functions are in pinfeed::image. Failures are thrown as
// pinfeed::Error. Training is a library of its own: docs/architecture.md.
#pragma once

#include "pinfeed/config/read.h"                   // IWYU pragma: export
#include "pinfeed/core/error.h"                    // IWYU pragma: export
#include "pinfeed/core/tensor.h"                   // IWYU pragma: export
#include "pinfeed/core/version.h"                  // IWYU pragma: export
#include "pinfeed/data/catalogs.h"                 // IWYU pragma: export
#include "pinfeed/data/loader/builtin_catalogs.h"  // IWYU pragma: export
#include "pinfeed/data/loader/loader.h"            // IWYU pragma: export
#include "pinfeed/data/loader/stage_clocks.h"      // IWYU pragma: export
#include "pinfeed/data/step_records.h"             // IWYU pragma: export
#include "pinfeed/memory/allocators.h"             // IWYU pragma: export
#include "pinfeed/memory/batch_buffer_ring.h"      // IWYU pragma: export
#include "pinfeed/memory/device.h"                 // IWYU pragma: export
#include "pinfeed/memory/pool.h"                   // IWYU pragma: export
#include "pinfeed/schedule/read_schedule.h"        // IWYU pragma: export
#include "pinfeed/schedule/schedule.h"             // IWYU pragma: export
#include "pinfeed/schedule/schedulers.h"           // IWYU pragma: export

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "pinfeed/data/loader/loader.h"
#include "pinfeed/models/model.h"
#include "pinfeed/schemas/preprocessor_schema.h"

namespace pinfeed {

/// Where batches come from.
struct Feed {
  std::int64_t batches_per_epoch = 0;
  bool endless = false;                                  // next() is never empty
  std::function<std::optional<ModelInput>()> next = {};  // empty at the end of an epoch
  /// The place of the batch that next() will give, and how to go to one. Batch `batches_per_epoch`
  /// stands for the end of an epoch.
  std::function<LoaderState()> position = {};
  std::function<void(const LoaderState&)> seek = {};
};

/// How a batch gets to the model: its bytes travel to the device in one copy and are normalised
/// there (train/device_feed.h), or the host preprocesses it.
enum class Route : std::uint8_t { device, host };
/// Route::device where the device is CUDA and pinfeed was built for it.
Route route_to(torch::Device device);

/// The batches of a loader, preprocessed, on the device. The batch's slot is free again as soon as
/// its pixels have been read. Only tests choose the route.
Feed make_feed(std::shared_ptr<Loader> loader, Preprocessing preprocessing, torch::Device device);
Feed make_feed(std::shared_ptr<Loader> loader, Preprocessing preprocessing, torch::Device device,
               Route route);

/// One batch as the model reads it.
ModelInput model_input(Batch batch, const Preprocessing& preprocessing, torch::Device device);

/// Throws Error(data) when a loader of config[section] has no batch to give, saying what left
/// nothing.
void require_batches(const Loader& loader, const Value& config, const std::string& section);

}  // namespace pinfeed

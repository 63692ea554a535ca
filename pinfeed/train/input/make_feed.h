// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <string>

#include "pinfeed/config/value/value.h"
#include "pinfeed/data/loader/loader.h"
#include "pinfeed/schemas/preprocessor_schema.h"
#include "pinfeed/train/input/feed.h"

namespace pinfeed {

/// How a batch gets to the model: its bytes are copied to the device and normalised there
/// (DeviceFeed), or the host preprocesses it (HostFeed).
enum class Route : std::uint8_t { device, host };
/// Route::device for a CUDA device when pinfeed is built for CUDA.
Route route_to(torch::Device device);
/// What a run on `device` loses by this build, and how to get it; empty for a run that loses
/// nothing.
std::string warning_of_route(torch::Device device);

/// The feed of a loader to `device`. Only tests choose another route than route_to(device).
std::unique_ptr<Feed> make_feed(std::shared_ptr<Loader> loader, Preprocessing preprocessing,
                                torch::Device device);
std::unique_ptr<Feed> make_feed(std::shared_ptr<Loader> loader, Preprocessing preprocessing,
                                torch::Device device, Route route);

/// Throws Error(data) with the reason when the loader of config[section] has no batches.
void require_batches(const Loader& loader, const Value& config, const std::string& section);

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <memory>
#include <optional>

#include "pinfeed/data/loader/loader.h"
#include "pinfeed/memory/allocators.h"
#include "pinfeed/memory/transfer.h"
#include "pinfeed/models/model.h"
#include "pinfeed/schemas/preprocessor_schema.h"

namespace pinfeed {

/// The batches of a loader on a device. Each travels in one copy, the boxes behind the pixels, and
/// torch's current stream makes floats of it; the next one is under way meanwhile, and the host
/// waits for neither. What kernel_plan() does not take goes as in model_input(). One thread.
class DeviceFeed {
 public:
  /// The loader's options name the device. Tests give the CPU: the host back end stands behind
  /// memory/device.h then, and next() waits for its stream, as torch does for its own work there.
  DeviceFeed(std::shared_ptr<Loader> loader, Preprocessing preprocessing, torch::Device device,
             Allocator device_memory = pinfeed::device());
  DeviceFeed(const DeviceFeed&) = delete;
  DeviceFeed& operator=(const DeviceFeed&) = delete;
  ~DeviceFeed();

  /// As Loader::next().
  std::optional<ModelInput> next();
  /// The place of what next() will give.
  LoaderState position() const;
  void seek(const LoaderState& position);
  /// Batches that have begun to travel.
  std::int64_t travelled() const { return travelled_; }

 private:
  struct Ahead;

  void fetch();
  void send(Batch batch, Ahead& ahead);
  ModelInput arrived(Ahead ahead);
  void normalize(const Ahead& ahead, const Buffer& slot, torch::Tensor& images,
                 const Stream& stream) const;
  Stream stream_of_torch();

  std::shared_ptr<Loader> loader_;
  Preprocessing preprocessing_;
  torch::Device device_;
  Allocator device_memory_;
  std::optional<Stream> host_stream_ = {};  // on the CPU
  std::optional<Transfer> transfer_ = {};   // after the loader: its slots outlive none of its own
  std::unique_ptr<Ahead> ahead_;
  std::int64_t travelled_ = 0;
};

}  // namespace pinfeed

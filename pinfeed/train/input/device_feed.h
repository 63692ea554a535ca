// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <memory>
#include <optional>

#include "pinfeed/data/loader/loader.h"
#include "pinfeed/memory/allocators.h"
#include "pinfeed/memory/transfer.h"
#include "pinfeed/schemas/preprocessor_schema.h"
#include "pinfeed/train/input/feed.h"

namespace pinfeed {

/// The batches of a loader, copied to a device and normalised there by torch's current stream,
/// while the next batch is being copied. The host waits for neither. A batch that kernel_plan()
/// does not accept is preprocessed by the host.
class DeviceFeed : public Feed {
 public:
  /// The options of the loader name the same device. With torch::kCPU, which tests use, the host
  /// back end of memory/device.h does the copies, and next() waits for its stream.
  DeviceFeed(std::shared_ptr<Loader> loader, Preprocessing preprocessing, torch::Device device,
             Allocator device_memory = pinfeed::device());
  ~DeviceFeed() override;

  LoaderState position() const override;
  BatchIdentity identify_next() override;
  /// The number of batches whose copy to the device has begun.
  std::int64_t sent() const { return sent_; }

 private:
  struct Prefetched;

  std::optional<ModelInput> load_next() override;
  void seek_batch(const LoaderState& position) override;

  void prefetch();
  void send(Batch batch, Prefetched& prefetched);
  ModelInput receive(Prefetched prefetched);
  void normalize(const Prefetched& prefetched, const Buffer& slot, torch::Tensor& images,
                 const Stream& stream) const;
  Stream torch_stream();

  std::shared_ptr<Loader> loader_;
  Preprocessing preprocessing_;
  torch::Device device_;
  Allocator device_memory_;
  std::optional<Stream> host_stream_ = {};  // on the CPU
  std::optional<Transfer> transfer_ = {};   // destroyed before the loader, whose slots it reads
  std::unique_ptr<Prefetched> prefetched_;
  std::int64_t sent_ = 0;
};

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <memory>

#include "pinfeed/data/loader/loader.h"
#include "pinfeed/schemas/preprocessor_schema.h"
#include "pinfeed/train/input/feed.h"

namespace pinfeed {

/// The batches of a loader, preprocessed by the host and then moved to `device`.
class HostFeed : public Feed {
 public:
  HostFeed(std::shared_ptr<Loader> loader, Preprocessing preprocessing, torch::Device device);
  LoaderState position() const override;
  BatchIdentity identify_next() override;

 private:
  std::optional<ModelInput> load_next() override;
  void seek_batch(const LoaderState& position) override;

  std::shared_ptr<Loader> loader_;
  Preprocessing preprocessing_;
  torch::Device device_;
};

/// One batch as the model reads it, preprocessed by the host. The batch's slot is free again when
/// the images have been read.
ModelInput model_input(Batch batch, const Preprocessing& preprocessing, torch::Device device);

}  // namespace pinfeed

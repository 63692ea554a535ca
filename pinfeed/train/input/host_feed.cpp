// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/input/host_feed.h"

#include <utility>

#include "pinfeed/train/input/batch_data.h"
#include "pinfeed/train/input/batch_identity.h"
#include "pinfeed/train/input/packed_samples.h"
#include "pinfeed/train/input/preprocessor.h"

namespace pinfeed {

HostFeed::HostFeed(std::shared_ptr<Loader> loader, Preprocessing preprocessing,
                   torch::Device device)
    : Feed(*loader),
      loader_(std::move(loader)),
      preprocessing_(std::move(preprocessing)),
      device_(device) {}

LoaderState HostFeed::position() const { return loader_->state(); }

BatchIdentity HostFeed::identify_next() {
  const LoaderState next = position();
  BatchIdentity identity = identity_of(*loader_, next);
  seek(next);
  return identity;
}

void HostFeed::seek_batch(const LoaderState& position) { loader_->seek(position); }

std::optional<ModelInput> HostFeed::load_next() {
  std::optional<Batch> batch = loader_->next();
  if (!batch) return std::nullopt;
  return model_input(std::move(*batch), preprocessing_, device_);
}

ModelInput model_input(Batch batch, const Preprocessing& preprocessing, torch::Device device) {
  const auto owner = std::make_shared<Batch>(std::move(batch));
  const std::vector<Tensor> images = images_of(owner->data());
  ModelInput input{
      .images = preprocessed(preprocessing, images, device, owner),
      .data_samples = data_samples_of(owner->data(), padding_of(preprocessing, images))};
  if (device.is_cpu()) return input;
  move_to(input.data_samples, device);
  return input;
}

}  // namespace pinfeed

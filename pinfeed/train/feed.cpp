// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/feed.h"

#include <fmt/format.h>

#include "pinfeed/core/error.h"
#include "pinfeed/data/coco_file.h"
#include "pinfeed/train/preprocessor.h"
#include "pinfeed/train/torch_bridge.h"

namespace pinfeed {
namespace {

void move_to(Target& target, torch::Device device) {
  target.boxes = target.boxes.to(device);
  target.labels = target.labels.to(device);
  target.ignored_boxes = target.ignored_boxes.to(device);
}

// What the data set leaves out, as the config writes it.
std::string reason_of_emptiness(const Dataset& dataset, const Value& config,
                                const std::string& section) {
  const std::size_t images =
      dataset.ann_file.empty() ? 0 : read_coco_file(dataset.ann_file).images.size();
  if (images == 0) return dataset.ann_file + " lists no images";
  const Value* written = config.find(section)->find("dataset");
  std::string left_out;
  for (const char* key : {"filter_cfg", "indices", "metainfo"}) {
    const Value* value = written->find(key);
    if (value == nullptr || value->is_none()) continue;
    left_out += fmt::format("{}{}={}", left_out.empty() ? "" : ", ", key, repr(*value));
  }
  return fmt::format("{} leaves none of the {} images of {}",
                     left_out.empty() ? "the data set" : left_out, images, dataset.ann_file);
}

}  // namespace

ModelInput model_input(Batch batch, const Preprocessing& preprocessing, torch::Device device) {
  const auto kept = std::make_shared<Batch>(std::move(batch));
  ModelInput input;
  input.images = preprocessed(preprocessing, images_of(kept->data()), device, kept);
  input.targets = targets_of(kept->data());
  if (!device.is_cpu()) {
    for (Target& target : input.targets) move_to(target, device);
  }
  return input;
}

Feed make_feed(std::shared_ptr<Loader> loader, Preprocessing preprocessing, torch::Device device) {
  const auto at_end = std::make_shared<bool>(false);
  const std::int64_t length = loader->batches_per_epoch();
  const auto next = [=]() -> std::optional<ModelInput> {
    if (*at_end) {
      *at_end = false;
      return std::nullopt;
    }
    std::optional<Batch> batch = loader->next();
    if (!batch) return std::nullopt;
    return model_input(std::move(*batch), preprocessing, device);
  };
  const auto seek = [=](const LoaderState& place) {
    *at_end = !loader->endless() && place.batch >= length;
    loader->seek(*at_end ? LoaderState{place.epoch + 1, 0} : place);
  };
  return {.batches_per_epoch = length,
          .endless = loader->endless(),
          .next = next,
          .place = [=] { return loader->state(); },
          .seek = seek};
}

void require_batches(const Loader& loader, const Value& config, const std::string& section) {
  const Dataset& dataset = loader.dataset();
  if (dataset.size == 0) {
    throw Error(ErrorKind::data, "the data set of " + section + " is empty")
        .inside(section + ".dataset")
        .help(reason_of_emptiness(dataset, config, section));
  }
  if (loader.batches_per_epoch() > 0) return;
  throw Error(ErrorKind::data,
              fmt::format("{} samples do not fill a batch of {}, and drop_last is True",
                          dataset.size, loader.batch_size()))
      .inside(section + ".drop_last");
}

}  // namespace pinfeed

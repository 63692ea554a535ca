// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/input/feed.h"

#include <fmt/format.h>

#include <utility>

#include "pinfeed/annotations/coco_file.h"
#include "pinfeed/core/error.h"
#include "pinfeed/memory/device.h"
#include "pinfeed/train/input/batch_targets.h"
#include "pinfeed/train/input/device_feed.h"
#include "pinfeed/train/input/preprocessor.h"

namespace pinfeed {
namespace {

void move_to(Target& target, torch::Device device) {
  target.boxes = target.boxes.to(device);
  target.labels = target.labels.to(device);
  target.ignored_boxes = target.ignored_boxes.to(device);
}

// The settings of a data set that leave records out, as the config writes them.
std::string filters_of(const Value& written) {
  std::string text;
  for (const char* key : {"filter_cfg", "indices"}) {
    const Value* value = written.find(key);
    if (value == nullptr || value->is_none()) continue;
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", key, repr(*value));
  }
  return text.empty() ? "the data set" : text;
}

std::string reason_of_emptiness(const Dataset& dataset, const Value& config,
                                const std::string& section) {
  if (dataset.ann_file.empty()) return "it has no annotation file";
  const CocoFile file = read_coco_file(dataset.ann_file);
  if (file.images.empty()) return file.path + " lists no images";
  if (dataset.metainfo.category_ids.empty()) {
    std::vector<std::string> names;
    for (const CocoCategory& category : file.categories) names.push_back(category.name);
    return "none of its classes is a category of " + file.path +
           "; set metainfo=dict(classes=...) out of " + joined(names);
  }
  return fmt::format("{} leaves none of the {} images of {}",
                     filters_of(*config.find(section)->find("dataset")), file.images.size(),
                     file.path);
}

// What make_feed() needs of a feed.
Feed feed_of(std::shared_ptr<DeviceFeed> feed) {
  return {.next = [feed] { return feed->next(); },
          .position = [feed] { return feed->position(); },
          .seek = [feed](const LoaderState& position) { feed->seek(position); }};
}

Feed host_feed(std::shared_ptr<Loader> loader, const Preprocessing& preprocessing,
               torch::Device device) {
  const auto next = [=]() -> std::optional<ModelInput> {
    std::optional<Batch> batch = loader->next();
    if (!batch) return std::nullopt;
    return model_input(std::move(*batch), preprocessing, device);
  };
  return {.next = next,
          .position = [loader] { return loader->state(); },
          .seek = [loader](const LoaderState& position) { loader->seek(position); }};
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

Route route_to(torch::Device device) {
  return device.is_cuda() && backend() == "cuda" ? Route::device : Route::host;
}

Feed make_feed(std::shared_ptr<Loader> loader, Preprocessing preprocessing, torch::Device device) {
  return make_feed(std::move(loader), std::move(preprocessing), device, route_to(device));
}

Feed make_feed(std::shared_ptr<Loader> loader, Preprocessing preprocessing, torch::Device device,
               Route route) {
  const std::int64_t length = loader->batches_per_epoch();
  const bool endless = loader->endless();
  Feed feed = route == Route::device
                  ? feed_of(std::make_shared<DeviceFeed>(loader, preprocessing, device))
                  : host_feed(std::move(loader), preprocessing, device);
  const auto at_end = std::make_shared<bool>(false);
  const auto next = [=, next = feed.next]() {
    return std::exchange(*at_end, false) ? std::nullopt : next();
  };
  const auto seek = [=, seek = feed.seek](const LoaderState& position) {
    *at_end = !endless && position.batch >= length;
    seek(*at_end ? LoaderState{position.epoch + 1, 0} : position);
  };
  return {.batches_per_epoch = length,
          .endless = endless,
          .next = next,
          .position = feed.position,
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

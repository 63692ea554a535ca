// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/input/make_feed.h"

#include <c10/core/CachingDeviceAllocator.h>
#include <fmt/format.h>

#include <utility>

#include "pinfeed/annotations/coco_file.h"
#include "pinfeed/core/error.h"
#include "pinfeed/data/dataset.h"
#include "pinfeed/memory/allocators.h"
#include "pinfeed/memory/device.h"
#include "pinfeed/train/input/device_feed.h"
#include "pinfeed/train/input/host_feed.h"

namespace pinfeed {
namespace {

// The settings that filter the records of a data set, as the config writes them.
std::string filters_of(const Value& written) {
  std::string text;
  for (const char* key : {"filter_cfg", "indices"}) {
    const Value* value = written.find(key);
    if (value == nullptr || value->is_none()) continue;
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", key, repr(*value));
  }
  return text.empty() ? "the data set" : text;
}

// What the data set itself says.
std::string warnings_of(const Dataset& dataset) {
  std::string text;
  for (const std::string& warning : dataset.warnings) text += (text.empty() ? "" : "; ") + warning;
  return text.empty() ? "it has no records" : text;
}

std::string reason_of_emptiness(const CocoFile& file, const Dataset& dataset, const Value& config,
                                const std::string& section) {
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

// Why a data set has no samples.
std::string reason_of_emptiness(const Dataset& dataset, const Value& config,
                                const std::string& section) {
  if (dataset.ann_file.empty()) return "it has no annotation file";
  try {
    return reason_of_emptiness(read_coco_file(dataset.ann_file), dataset, config, section);
  } catch (const Error&) {  // a file of another format
    return warnings_of(dataset);
  }
}

// Memory of the device. torch keeps what its tensors have freed: where none is left, it gives that
// back once.
Allocator beside_torch(torch::Device device) {
  if (!device.is_cuda()) return pinfeed::device();
  return retried(pinfeed::device(),
                 [device] { c10::getDeviceAllocator(device.type())->emptyCache(); });
}

}  // namespace

Route route_to(torch::Device device) {
  return device.is_cuda() && backend() == "cuda" ? Route::device : Route::host;
}

std::string warning_of_route(torch::Device device) {
  if (!device.is_cuda() || route_to(device) == Route::device) return "";
  return "libpinfeed is built without CUDA: the CPU normalises the batches, and they are copied "
         "from pageable memory while the GPU waits; ./run build makes a build with CUDA where nvcc "
         "is installed";
}

std::unique_ptr<Feed> make_feed(std::shared_ptr<Loader> loader, Preprocessing preprocessing,
                                torch::Device device) {
  return make_feed(std::move(loader), std::move(preprocessing), device, route_to(device));
}

std::unique_ptr<Feed> make_feed(std::shared_ptr<Loader> loader, Preprocessing preprocessing,
                                torch::Device device, Route route) {
  if (route == Route::device) {
    return std::make_unique<DeviceFeed>(std::move(loader), std::move(preprocessing), device,
                                        beside_torch(device));
  }
  return std::make_unique<HostFeed>(std::move(loader), std::move(preprocessing), device);
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

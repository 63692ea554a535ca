// SPDX-License-Identifier: Apache-2.0
// Writes results files that pycocotools reads.
#include <fmt/format.h>

#include "pinfeed/core/file.h"
#include "pinfeed/core/json_text.h"
#include "pinfeed/core/record_id.h"
#include "pinfeed/metrics/coco_metric.h"

namespace pinfeed {
namespace {

std::string box_json(const CocoDetection& one) {
  return fmt::format(R"("bbox": [{}, {}, {}, {}])", json_number(one.x), json_number(one.y),
                     json_number(one.width), json_number(one.height));
}

std::string mask_json(const MaskStore& masks, std::size_t index) {
  const Size size = masks.size_of(index);
  return fmt::format(R"("segmentation": {{"size": [{}, {}], "counts": {}}})", size.height,
                     size.width, json_string(masks.counts(index)));
}

template <class Shape>
void write_results(std::span<const CocoDetection> detections, const std::string& path,
                   Shape shape_json) {
  constexpr std::size_t flushed = std::size_t{1} << 20U;  // bytes
  write_atomically(path, [&](FileWriter& file) {
    std::string text = "[";
    for (std::size_t i = 0; i < detections.size(); ++i) {
      const CocoDetection& one = detections[i];
      text += fmt::format(R"({}{{"image_id": {}, "category_id": {}, {}, "score": {}}})",
                          i == 0 ? "\n" : ",\n", id_json(one.image_id), id_json(one.category_id),
                          shape_json(i), json_number(one.score));
      if (text.size() < flushed) continue;
      file.write(text);
      text.clear();
    }
    text += "\n]\n";
    file.write(text);
  });
}

}  // namespace

void write_coco_results(std::span<const CocoDetection> detections, const std::string& path) {
  write_results(detections, path, [&](std::size_t i) { return box_json(detections[i]); });
}

void write_coco_results(std::span<const CocoDetection> detections, const MaskStore& masks,
                        const std::string& path) {
  write_results(detections, path, [&](std::size_t i) { return mask_json(masks, i); });
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/report/sample_pictures.h"

#include <fmt/format.h>

#include "pinfeed/data/dataset.h"
#include "pinfeed/inspect/contact_sheet.h"
#include "pinfeed/report/picture_bytes.h"

namespace pinfeed {
namespace {

constexpr int longest_side_of_sample = 320;

std::vector<PageBox> boxes_of(const Sample& sample, const std::vector<std::string>& classes) {
  std::vector<PageBox> boxes;
  for (std::size_t i = 0; i < sample.boxes.size(); ++i) {
    const Box& box = sample.boxes[i];
    const std::size_t label =
        i < sample.labels.size() ? static_cast<std::size_t>(sample.labels[i]) : 0;
    const bool ignored = i < sample.ignore_flags.size() && sample.ignore_flags[i] != 0;
    boxes.push_back({.x = box.x1,
                     .y = box.y1,
                     .width = box.x2 - box.x1,
                     .height = box.y2 - box.y1,
                     .kind = ignored ? BoxKind::ignored : BoxKind::object,
                     .number = label,
                     .label = label < classes.size() ? classes[label] : ""});
  }
  return boxes;
}

PagePicture picture_of(const Batch& batch, std::size_t i, const std::vector<std::string>& classes) {
  const Sample& sample = batch.samples()[i];
  const image::Image image = model_input_image(batch, i);
  draw_masks(image.view(), sample, {});
  PagePicture picture{
      .title = std::string(sample.file_name.empty() ? sample.img_path : sample.file_name),
      .note = to_string(image.size()),
      .size = image.size(),
      .jpeg = small_jpeg(image, longest_side_of_sample),
      .boxes = boxes_of(sample, classes)};
  if (!picture.boxes.empty()) picture.note += fmt::format(", {} objects", picture.boxes.size());
  return picture;
}

}  // namespace

std::vector<PagePicture> sample_pictures(Loader& loader, std::size_t count) {
  std::vector<PagePicture> pictures;
  const std::vector<std::string> classes = label_names(loader.dataset().metainfo);
  loader.seek({0, 0});
  while (pictures.size() < count) {
    const std::optional<Batch> batch = loader.next();
    if (!batch) break;
    for (std::size_t i = 0; i < batch->samples().size() && pictures.size() < count; ++i)
      pictures.push_back(picture_of(*batch, i, classes));
  }
  return pictures;
}

}  // namespace pinfeed

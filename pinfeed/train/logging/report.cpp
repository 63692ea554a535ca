// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/logging/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <functional>
#include <iterator>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/core/json_text.h"
#include "pinfeed/core/record_id.h"
#include "pinfeed/image/codec/codec.h"
#include "pinfeed/inspect/detection_picture.h"
#include "pinfeed/plot/plot.h"
#include "pinfeed/report/training_curves.h"
#include "pinfeed/train/logging/run_log.h"

namespace pinfeed {
namespace {

std::string class_name(const Metainfo& metainfo, std::size_t label) {
  const std::vector<std::string>& names = label_names(metainfo);
  return label < names.size() ? names[label] : "";
}

PictureSide annotated_side(const Sample& sample, const Metainfo& metainfo) {
  PictureSide side;
  for (const Instance& instance : sample.instances) {
    const auto label = static_cast<std::size_t>(instance.label);
    side.objects.push_back({instance.x1, instance.y1, instance.x2, instance.y2, label,
                            instance.ignore, class_name(metainfo, label)});
  }
  side.title = fmt::format("ground truth: {}", side.objects.size());
  return side;
}

PictureSide detected_side(std::int64_t img_id, const Metainfo& metainfo,
                          const std::vector<CocoDetection>& detections, double score) {
  PictureSide side;
  for (const CocoDetection& found : detections) {
    if (found.image_id != img_id || found.score < score) continue;
    const auto position =
        std::find(metainfo.category_ids.begin(), metainfo.category_ids.end(), found.category_id);
    const auto label = static_cast<std::size_t>(position - metainfo.category_ids.begin());
    side.objects.push_back({found.x, found.y, found.x + found.width, found.y + found.height, label,
                            false,
                            fmt::format("{} {:.2f}", class_name(metainfo, label), found.score)});
  }
  side.title = fmt::format("predicted: {} (score >= {:g})", side.objects.size(), score);
  return side;
}

// A file name for the picture of an image: its id, which may be a text with any characters.
std::string picture_name(std::int64_t img_id) {
  std::string name = id_text(img_id);
  for (char& c : name) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-';
    if (!plain) c = '_';
  }
  constexpr std::size_t longest = 200;
  if (name.empty() || name.front() == '.') name = std::string("_").append(name);
  return name.substr(0, longest);
}

void draw_image(const Sample& sample, const Metainfo& metainfo,
                const std::vector<CocoDetection>& detections, double score,
                const std::string& out) {
  const std::string path(sample.img_path);
  const Buffer bytes = read_bytes(path, ErrorKind::data);
  const image::Image picture = detection_picture(
      image::decode({bytes.data(), bytes.size}, path), std::string(sample.file_name),
      annotated_side(sample, metainfo), detected_side(sample.img_id, metainfo, detections, score));
  image::write_png(picture, out);
}

}  // namespace

bool draw_curves(const std::string& work_dir, const std::string& svg_path) {
  const std::vector<Series> curves = training_curves(work_dir);
  std::vector<Plot> plots;
  const auto add = [&](const std::string& title,
                       const std::function<bool(const std::string&)>& wanted) {
    Plot plot{.title = title, .x_title = "iteration"};
    std::copy_if(curves.begin(), curves.end(), std::back_inserter(plot.series),
                 [&](const Series& curve) { return wanted(curve.name); });
    if (!plot.series.empty()) plots.push_back(std::move(plot));
  };
  add("loss", [](const std::string& name) { return name.find("loss") != std::string::npos; });
  add("learning rate", [](const std::string& name) { return name.ends_with("lr"); });
  add("box mAP", [](const std::string& name) { return name.starts_with("coco/bbox_mAP"); });
  if (plots.empty()) return false;
  write_atomically(svg_path, [&](FileWriter& writer) { writer.write(svg(plots)); });
  return true;
}

std::string numbered_path(const std::string& folder, const std::string& stem,
                          const std::vector<std::string>& taken) {
  std::string path = fmt::format("{}/{}.png", folder, stem);
  for (int i = 2; std::find(taken.begin(), taken.end(), path) != taken.end(); ++i)
    path = fmt::format("{}/{}_{}.png", folder, stem, i);
  return path;
}

std::vector<std::string> draw_detections(const Dataset& dataset,
                                         const std::vector<CocoDetection>& detections, double score,
                                         std::size_t count, const std::string& folder) {
  make_folder(folder);
  std::vector<std::string> files;
  Arena arena;
  for (std::int64_t i = 0; i < dataset.size && files.size() < count; ++i) {
    arena.reset();
    const Sample sample = dataset.get(i, arena);
    if (sample.bad != nullptr) continue;
    const std::string path = numbered_path(folder, picture_name(sample.img_id), files);
    try {
      draw_image(sample, dataset.metainfo, detections, score, path);
      files.push_back(path);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::data) throw;
    }
  }
  return files;
}

void write_metrics(const Scalars& metrics, const std::string& path) {
  std::string text;
  for (const auto& [name, value] : metrics) {
    text += (text.empty() ? "" : ", ") + json_string(name) + ": " + strict_json_number(value);
  }
  write_atomically(path, [&](FileWriter& writer) { writer.write("{" + text + "}\n"); });
}

}  // namespace pinfeed

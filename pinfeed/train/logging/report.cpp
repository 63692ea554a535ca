// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/logging/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/core/json_text.h"
#include "pinfeed/core/record_id.h"
#include "pinfeed/image/codec/codec.h"
#include "pinfeed/inspect/detection_picture.h"
#include "pinfeed/plot/plot.h"
#include "pinfeed/train/logging/run_log.h"
#include "pinfeed/train/logging/state_json.h"

namespace pinfeed {
namespace {

constexpr std::string_view main_metric = "coco/bbox_mAP";

double number(const Value& value) {
  return value.is_int() ? static_cast<double>(value.integer()) : value.real();
}

bool is_number(const Value* value) {
  return value != nullptr && (value->is_int() || value->is_float());
}

// The curves of a training by name. Metrics have no `iter`: they belong to the last iteration
// before them. A resumed or restarted run replaces the points of earlier runs from its first
// iteration on.
class Curves {
 public:
  void begin_run() { run_begins_ = true; }

  void add(const Dict& row) {
    const Value* iteration = row.find("iter");
    if (is_number(iteration)) go_to(number(*iteration));
    for (const Dict::Entry& entry : row.entries()) {
      // null: the number was not finite; the curve has a gap.
      if (!is_number(&entry.value) && !entry.value.is_none()) continue;
      Series& series = by_name_[entry.key.text];
      series.name = entry.key.text;
      series.x.push_back(last_);
      const double y = entry.value.is_none() ? std::nan("") : number(entry.value);
      const bool nothing = entry.key.text.starts_with(main_metric) && y < 0.0;
      series.y.push_back(nothing ? std::nan("") : y);
    }
  }

  // Without those that have no value: metrics of object sizes that the data set does not have.
  std::vector<Series> matching(const std::function<bool(const std::string&)>& wanted) const {
    std::vector<Series> found;
    for (const auto& [name, series] : by_name_) {
      const bool has_value = std::any_of(series.y.begin(), series.y.end(),
                                         [](double value) { return std::isfinite(value); });
      if (has_value && wanted(name)) found.push_back(series);
    }
    return found;
  }

 private:
  void go_to(double iteration) {
    last_ = iteration;
    if (!std::exchange(run_begins_, false)) return;
    for (auto& [name, series] : by_name_) {
      const auto first = std::lower_bound(series.x.begin(), series.x.end(), iteration);
      series.y.resize(static_cast<std::size_t>(first - series.x.begin()));
      series.x.resize(series.y.size());
    }
  }

  std::map<std::string, Series> by_name_;
  double last_ = 0.0;
  bool run_begins_ = false;
};

// The folders of runs have the time as their name.
std::vector<std::string> scalar_files(const std::string& work_dir) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(work_dir)) {
    const std::filesystem::path file = entry.path() / "vis_data" / "scalars.json";
    if (std::filesystem::is_regular_file(file)) files.push_back(file.string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// A line that cannot be read, for example one that was cut when its process was killed, is left
// out: the curves show what there is.
void add_curve_line(Curves& curves, const std::string& line, const std::string& path) {
  try {
    curves.add(read_state(line, path));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::data) throw;
  }
}

Curves read_curves(const std::string& work_dir) {
  Curves curves;
  for (const std::string& path : scalar_files(work_dir)) {
    std::ifstream file(path);
    if (!file) throw Error(ErrorKind::system, "cannot read " + path + ": " + system_reason());
    curves.begin_run();
    for (std::string line; std::getline(file, line);) add_curve_line(curves, line, path);
  }
  return curves;
}

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
  const Curves curves = read_curves(work_dir);
  std::vector<Plot> plots;
  const auto add = [&](const std::string& title,
                       const std::function<bool(const std::string&)>& wanted) {
    Plot plot{.title = title, .x_title = "iteration", .series = curves.matching(wanted)};
    if (!plot.series.empty()) plots.push_back(std::move(plot));
  };
  add("loss", [](const std::string& name) { return name.find("loss") != std::string::npos; });
  add("learning rate", [](const std::string& name) { return name.ends_with("lr"); });
  add("box mAP", [](const std::string& name) { return name.starts_with(main_metric); });
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

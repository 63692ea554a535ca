// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "pinfeed/cli/doctor.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/image/codec/codec.h"

namespace pinfeed::cli {
namespace {

using Level = Diagnosis::Level;

constexpr std::int64_t opened_images = 200;  // spread over the data set

// What the records of a data set say, without opening an image.
struct RecordCounts {
  std::int64_t images = 0;
  std::int64_t objects = 0;
  std::int64_t without_objects = 0;
  std::int64_t bad = 0;
  std::vector<std::int64_t> by_label = {};
  bool labelled = false;  // the records have objects at all
};

RecordCounts counted(const Dataset& dataset) {
  RecordCounts counts{.images = dataset.size};
  counts.by_label.resize(label_names(dataset.metainfo).size());
  Arena arena;
  for (std::int64_t i = 0; i < dataset.size; ++i) {
    arena.reset();
    const Sample sample = dataset.get(i, arena);
    if (sample.bad != nullptr) ++counts.bad;
    counts.labelled = counts.labelled || sample.fields.has(Field::instances);
    std::int64_t own = 0;
    for (const Instance& instance : sample.instances) {
      if (instance.ignore) continue;
      ++own;
      const auto label = static_cast<std::size_t>(instance.label);
      if (label < counts.by_label.size()) ++counts.by_label[label];
    }
    counts.objects += own;
    counts.without_objects += own == 0 ? 1 : 0;
  }
  return counts;
}

Diagnosis sizes_of(const RecordCounts& counts, const std::string& topic) {
  Diagnosis size{.topic = topic, .text = fmt::format("{} images", counts.images)};
  if (counts.labelled) {
    size.text += fmt::format(", {} objects of {} classes", counts.objects, counts.by_label.size());
  }
  if (counts.labelled && counts.without_objects > 0)
    size.text += fmt::format("; {} images have no object", counts.without_objects);
  if (counts.labelled && counts.objects == 0) {
    size.level = Level::problem;
    size.advice = "check ann_file and metainfo.classes: no annotation belongs to a class";
  }
  return size;
}

void add_rare_classes(const RecordCounts& counts, const std::vector<std::string>& names,
                      const std::string& topic, std::vector<Diagnosis>& found) {
  if (counts.objects == 0) return;
  std::vector<std::string> empty;
  std::vector<std::string> rare;
  constexpr std::int64_t few = 10;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (counts.by_label[i] == 0) empty.push_back(names[i]);
    if (counts.by_label[i] > 0 && counts.by_label[i] < few)
      rare.push_back(fmt::format("{} ({})", names[i], counts.by_label[i]));
  }
  if (!empty.empty()) {
    found.push_back({Level::note, topic, "classes without an object: " + joined(empty),
                     "check their names against the annotation file, or remove them"});
  }
  if (!rare.empty()) {
    found.push_back({Level::note, topic, "classes with less than 10 objects: " + joined(rare),
                     "add images of them, or wrap the data set in ClassBalancedDataset"});
  }
}

// Decodes images spread evenly over the data set.
void add_broken_images(const Dataset& dataset, const std::string& topic, bool replaced,
                       std::vector<Diagnosis>& found) {
  const std::int64_t count = std::min(dataset.size, opened_images);
  std::vector<std::string> broken;
  Arena arena;
  for (std::int64_t k = 0; k < count; ++k) {
    arena.reset();
    const Sample sample = dataset.get(k * dataset.size / count, arena);
    if (sample.bad != nullptr) continue;
    const std::string path(sample.img_path);
    try {
      const Buffer bytes = read_bytes(path, ErrorKind::data);
      (void)image::decode({bytes.data(), bytes.size}, path);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::data) throw;
      broken.push_back(path + ": " + error.text());
    }
  }
  if (broken.empty()) {
    found.push_back({Level::ok, topic, fmt::format("{} images were decoded", count)});
    return;
  }
  const std::string text =
      fmt::format("{} of {} images cannot be used: {}", broken.size(), count, broken.front());
  if (replaced) {
    found.push_back({Level::note, topic, text + "; others replace them"});
  } else {
    found.push_back(
        {Level::problem, topic, text, "replace them, or set pinfeed = dict(on_bad_sample='skip')"});
  }
}

}  // namespace

std::vector<Diagnosis> diagnose_data(const Dataset& dataset, const std::string& split,
                                     OnBadSample on_bad_sample) {
  const bool replaced = on_bad_sample != OnBadSample::raise;
  const std::string topic = split + " data";
  std::vector<Diagnosis> found;
  if (dataset.size == 0) {
    found.push_back(
        {Level::problem, topic, "the data set is empty", "check ann_file and filter_cfg"});
    return found;
  }
  const RecordCounts counts = counted(dataset);
  found.push_back(sizes_of(counts, topic));
  if (counts.bad > 0) {
    found.push_back({replaced ? Level::note : Level::problem, topic,
                     fmt::format("{} records cannot be used", counts.bad),
                     "`pinfeed batches` names the first of them"});
  }
  if (counts.labelled) add_rare_classes(counts, label_names(dataset.metainfo), topic, found);
  for (const std::string& warning : dataset.warnings)
    found.push_back({Level::note, topic, warning});
  add_broken_images(dataset, topic, replaced, found);
  return found;
}

}  // namespace pinfeed::cli

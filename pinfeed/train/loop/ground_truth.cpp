// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.7.
#include "pinfeed/train/loop/ground_truth.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

// Where the data set of an evaluation is in the config. `split` is "val" or "test".
std::string dataset_path(const std::string& split) { return split + "_dataloader.dataset"; }

CocoFile read_truth(const WrittenPath& path) {
  try {
    return read_coco_truth(path.text);
  } catch (Error& error) {
    throw error.at(path.span).inside(path.config_path);
  }
}

std::vector<std::string> names_of(const std::vector<CocoCategory>& categories) {
  std::vector<std::string> names;
  for (const CocoCategory& category : categories) names.push_back(category.name);
  return names;
}

void require_categories(const std::vector<std::string>& names, const CocoFile& truth,
                        const WrittenPath* written, const std::string& split) {
  std::vector<std::string> absent;
  for (const std::string& name : names) {
    const bool known = std::any_of(truth.categories.begin(), truth.categories.end(),
                                   [&](const CocoCategory& one) { return one.name == name; });
    if (!known) absent.push_back(name);
  }
  if (absent.empty()) return;
  Error error(ErrorKind::config,
              (absent.size() == 1 ? "the class " : "the classes ") + joined(absent) +
                  " of the data set of " + split + "_dataloader " +
                  (absent.size() == 1 ? "is no category of " : "are no categories of ") +
                  truth.path);
  if (written != nullptr) error.at(written->span);
  throw error.inside(written != nullptr ? written->config_path : dataset_path(split))
      .help("its categories are " + joined(names_of(truth.categories), 20));
}

// An image that the file does not have would end the first evaluation.
void require_images(const Dataset& dataset, const CocoFile& truth, const WrittenPath& written,
                    const std::string& split) {
  std::unordered_set<std::int64_t> ids;
  for (const CocoImage& image : truth.images) ids.insert(image.id);
  Arena arena;
  for (std::int64_t i = 0; i < dataset.size; ++i) {
    arena.reset();
    const Sample sample = dataset.get(i, arena);
    if (sample.bad != nullptr || ids.contains(sample.img_id)) continue;
    throw Error(ErrorKind::config, truth.path + " has no image with the id of " +
                                       std::string(sample.img_path) + ", which " + split +
                                       "_dataloader loads")
        .at(written.span)
        .inside(written.config_path)
        .help("ann_file must list the images of the data set with the same ids");
  }
}

// Of several categories of one name, each is used once.
std::vector<std::int64_t> ids_by_name(const std::vector<std::string>& names,
                                      const CocoFile& truth) {
  std::vector<std::int64_t> ids;
  for (const std::string& name : names) {
    std::int64_t id = 0;
    for (const CocoCategory& category : truth.categories) {
      if (category.name != name) continue;
      id = category.id;
      if (std::find(ids.begin(), ids.end(), id) == ids.end()) break;
    }
    ids.push_back(id);
  }
  return ids;
}

GroundTruth of_file(CocoFile file, const Metainfo& metainfo, const WrittenPath* written,
                    const std::string& split) {
  if (!file.has_annotations) {
    Error error(ErrorKind::data, file.path + " has no 'annotations', which an evaluation needs");
    throw error.inside(written != nullptr ? written->config_path : split + "_evaluator.ann_file");
  }
  if (!metainfo.classes_are_text) require_categories(metainfo.classes, file, written, split);
  require_categories(label_names(metainfo), file, written, split);
  GroundTruth truth{.file = {}, .category_ids = ids_by_name(label_names(metainfo), file)};
  // mmdet sets catIds: other categories of the file do not count.
  std::erase_if(file.categories, [&](const CocoCategory& category) {
    return std::find(truth.category_ids.begin(), truth.category_ids.end(), category.id) ==
           truth.category_ids.end();
  });
  truth.file = std::make_shared<const CocoFile>(std::move(file));
  return truth;
}

CocoAnnotation annotation_of(const Instance& instance, std::int64_t image_id, std::int64_t id) {
  const double width = instance.x2 - instance.x1;
  const double height = instance.y2 - instance.y1;
  return {.id = id,
          .image_id = image_id,
          .category_id = instance.label,
          .x = instance.x1,
          .y = instance.y1,
          .width = width,
          .height = height,
          .area = width * height,
          .segmentation_start = instance.segmentation.start,
          .segmentation_bytes = instance.segmentation.bytes,
          .crowd = instance.ignore};
}

[[noreturn]] void throw_same_id(const Sample& sample, const std::string& other,
                                const std::string& split) {
  throw Error(ErrorKind::data, "two images of the data set of " + split +
                                   "_dataloader have the same id: " + other + " and " +
                                   std::string(sample.img_path))
      .inside(dataset_path(split))
      .help("give " + split + "_evaluator an ann_file with ids of its own for all images");
}

// The annotations of the records, and the file of each one's segmentation.
struct Objects {
  std::vector<CocoAnnotation> annotations = {};
  std::vector<const SegmentationFile*> files = {};
};

// Calls read(sample) for each record but bad ones, which cannot be evaluated. A data set may repeat
// a record.
template <class Read>
void for_records(const Dataset& dataset, const std::string& split, Read read) {
  std::unordered_map<std::int64_t, std::string> paths;  // by id of the image
  Arena arena;
  for (std::int64_t i = 0; i < dataset.size; ++i) {
    arena.reset();
    const Sample sample = dataset.get(i, arena);
    if (sample.bad != nullptr) continue;
    const auto [entry, added] = paths.emplace(sample.img_id, sample.img_path);
    if (!added && entry->second != sample.img_path) throw_same_id(sample, entry->second, split);
    if (added) read(sample);
  }
}

GroundTruth of_records(const Dataset& dataset, bool with_masks, const std::string& split) {
  CocoFile file{.path = "the data set of " + split + "_dataloader", .has_annotations = true};
  GroundTruth truth;
  const std::vector<std::string>& names = label_names(dataset.metainfo);
  for (std::size_t label = 0; label < names.size(); ++label) {
    truth.category_ids.push_back(static_cast<std::int64_t>(label));
    file.categories.push_back({static_cast<std::int64_t>(label), names[label]});
  }
  Objects objects;
  for_records(dataset, split, [&](const Sample& sample) {
    file.images.push_back(
        {.id = sample.img_id, .width = sample.annotated.width, .height = sample.annotated.height});
    for (const Instance& instance : sample.instances) {
      const auto id = static_cast<std::int64_t>(objects.annotations.size()) + 1;
      objects.annotations.push_back(annotation_of(instance, sample.img_id, id));
      objects.files.push_back(sample.segmentations);
    }
  });
  file.annotations = std::move(objects.annotations);
  truth.file = std::make_shared<const CocoFile>(std::move(file));
  if (with_masks) {
    // The files belong to the data set.
    truth.masks = [masks = truth_masks(*truth.file, std::move(objects.files)),
                   owner = dataset](std::size_t index) { return masks(index); };
  }
  return truth;
}

void require_ids(const Dataset& dataset, const std::string& split) {
  Arena arena;
  if (dataset.size == 0 || dataset.get(0, arena).has_img_id) return;
  throw Error(ErrorKind::config,
              "the records of " + dataset.name + " have no img_id, which an evaluation needs")
      .inside(dataset_path(split));
}

void require_classes(const Dataset& dataset, const std::string& split) {
  if (!dataset.metainfo.classes.empty()) return;
  throw Error(ErrorKind::config,
              "the data set of " + split + "_dataloader has no classes to evaluate")
      .inside(dataset_path(split))
      .help("metainfo=dict(classes=('name', ...))");
}

bool wants_masks(const CocoMetricParams& params) {
  return metric_options(params).has(CocoMeasure::segm);
}

// The masks of a file's annotations. `written` is where the config names the file.
void add_masks(GroundTruth& truth, const WrittenPath* written, const std::string& split) {
  try {
    truth.masks = truth_masks(*truth.file);
  } catch (Error& error) {
    if (written != nullptr) error.at(written->span);
    throw error.inside(written != nullptr ? written->config_path : dataset_path(split))
        .help("evaluate metric='bbox', or name a file whose annotations have segmentations");
  }
}

}  // namespace

void warn_of_other_labels(const Metainfo& trained, const Metainfo& evaluated,
                          std::vector<std::string>& warnings) {
  const std::vector<std::string>& names = label_names(trained);
  const std::vector<std::string>& others = label_names(evaluated);
  for (std::size_t label = 0; label < std::min(names.size(), others.size()); ++label) {
    if (names[label] == others[label]) continue;
    warnings.push_back("label " + std::to_string(label) + " is " + names[label] +
                       " in the data set of train_dataloader and " + others[label] +
                       " in that of val_dataloader: the metrics compare different classes");
    return;
  }
}

GroundTruth ground_truth(const CocoMetricParams& params, const Dataset& dataset,
                         const std::string& split) {
  require_ids(dataset, split);
  require_classes(dataset, split);
  const bool with_masks = wants_masks(params);
  if (params.ann_file) {
    GroundTruth truth =
        of_file(read_truth(*params.ann_file), dataset.metainfo, &*params.ann_file, split);
    require_images(dataset, *truth.file, *params.ann_file, split);
    if (with_masks) add_masks(truth, &*params.ann_file, split);
    return truth;
  }
  const bool coco = !dataset.metainfo.category_ids.empty() && dataset.source_ends.empty();
  if (coco && !dataset.ann_file.empty()) {
    GroundTruth truth =
        of_file(read_coco_truth(dataset.ann_file), dataset.metainfo, nullptr, split);
    if (with_masks) add_masks(truth, nullptr, split);
    return truth;
  }
  GroundTruth truth = of_records(dataset, with_masks, split);
  if (truth.file->annotations.empty()) {
    throw Error(ErrorKind::data,
                "the data set of " + split + "_dataloader has no object of its classes")
        .inside(dataset_path(split))
        .help("there is nothing to evaluate; its classes are " + joined(dataset.metainfo.classes));
  }
  return truth;
}

VocTruth voc_truth(const Dataset& dataset, const std::string& split) {
  require_ids(dataset, split);
  require_classes(dataset, split);
  VocTruth truth{.classes = label_names(dataset.metainfo)};
  for_records(dataset, split, [&](const Sample& sample) {
    std::vector<VocObject>& objects = truth.images[sample.img_id];
    for (const Instance& one : sample.instances) {
      const Box box = {static_cast<float>(one.x1), static_cast<float>(one.y1),
                       static_cast<float>(one.x2), static_cast<float>(one.y2)};
      objects.push_back({box, one.label, one.ignore});
    }
  });
  return truth;
}

}  // namespace pinfeed

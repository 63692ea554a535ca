// SPDX-License-Identifier: Apache-2.0
// Source of the rules: specs data 2.1 to 2.3.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>

#include "pinfeed/data/datasets/annotation_store.h"
#include "pinfeed/data/datasets/coco.h"
#include "pinfeed/data/datasets/coco_classes.h"

namespace pinfeed {
namespace {

// The classes as the config gives them, and which category names they select.
struct Classes {
  std::vector<std::string> names = {};
  std::optional<std::string> text = {};  // a plain string selects every name that is a part of it

  bool wants(const std::string& name) const {
    if (text) return text->find(name) != std::string::npos;
    return std::find(names.begin(), names.end(), name) != names.end();
  }
};

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    while (line.ends_with('\r')) line.pop_back();
    lines.push_back(line);
  }
  return lines;
}

Classes classes_of(const CocoDataset& params, std::vector<std::string>& warnings) {
  const Value* written = params.metainfo ? params.metainfo->find("classes") : nullptr;
  if (params.metainfo && !params.metainfo->is_dict()) {
    throw wrong_type(*params.metainfo, "metainfo", "dict");
  }
  if (written == nullptr) return {{coco_classes.begin(), coco_classes.end()}, {}};
  if (!written->is_string()) {
    return {convert<std::vector<std::string>>(*written, "metainfo.classes"), {}};
  }
  std::error_code none;
  const std::string& text = written->string();
  if (std::filesystem::is_regular_file(text, none)) return {lines_of(text), {}};
  warnings.push_back("classes is the string '" + text +
                     "': every category whose name is a part of it is selected");
  return {{text}, text};
}

// "a, b, c", or the first few of them: "a, b, c and 75 more".
std::string first_of(std::vector<std::string> names) {
  constexpr std::size_t shown = 5;
  if (names.size() <= shown + 1) return joined(names);
  const std::size_t more = names.size() - shown;
  names.resize(shown);
  return joined(names) + " and " + std::to_string(more) + " more";
}

void warn_of_labels(const Classes& classes, const CocoRecords& records, const std::string& file,
                    std::vector<std::string>& warnings) {
  if (classes.text) return;
  std::vector<std::string> selected;
  for (const CocoCategory& category : records.categories) selected.push_back(category.name);
  std::vector<std::string> absent;
  for (const std::string& name : classes.names) {
    if (std::find(selected.begin(), selected.end(), name) == selected.end()) absent.push_back(name);
  }
  if (!absent.empty()) {
    warnings.push_back(file + " has no category " + first_of(absent) +
                       ": the labels of the classes after it shift, as they do in OpenMMLab");
  } else if (selected != classes.names) {
    warnings.push_back(file +
                       " lists the classes in another order than the config: labels follow "
                       "the file (" +
                       first_of(selected) + "), as they do in OpenMMLab");
  }
}

Metainfo metainfo_of(const CocoDataset& params, const Classes& classes,
                     const CocoRecords& records) {
  Metainfo metainfo{.classes = classes.names};
  for (const CocoCategory& category : records.categories) {
    metainfo.category_ids.push_back(category.id);
  }
  if (params.metainfo) metainfo.others = params.metainfo->dict();
  metainfo.others.erase("classes");
  return metainfo;
}

CocoFile read_annotations(const CocoDataset& params, const std::string& path) {
  if (params.ann_file.empty())
    throw Error(ErrorKind::config, "ann_file is ''; a COCO file is needed");
  CocoFile file = read_coco_file(path);
  if (!file.has_annotations && !params.test_mode) {
    throw Error(ErrorKind::data, path + " has no 'annotations'")
        .help("a list of images alone can only be used with test_mode=True");
  }
  return file;
}

void warn_if_empty(const CocoRecords& records, const CocoFile& file, const CocoSelection& selection,
                   std::vector<std::string>& warnings) {
  if (!records.store.images.empty()) return;
  if (file.images.empty()) return warnings.push_back(file.path + " holds no images");
  std::string filters;
  if (selection.filter_empty_gt) filters = "filter_empty_gt=True";
  if (selection.min_size > 0) {
    filters += (filters.empty() ? "" : ", ") + ("min_size=" + std::to_string(selection.min_size));
  }
  warnings.push_back(file.path + ": filter_cfg (" + filters + ") leaves none of " +
                     std::to_string(file.images.size()) + " images");
}

// Upstream's `indices`: the first n, the last n, or exactly those listed.
void apply_indices(const CocoDataset& params, std::vector<StoredImage>& images) {
  if (!params.indices) return;
  const auto size = static_cast<std::int64_t>(images.size());
  if (const auto* count = std::get_if<std::int64_t>(&*params.indices)) {
    const std::int64_t kept = std::min(*count < 0 ? -*count : *count, size);
    const auto first = *count < 0 ? images.end() - kept : images.begin();
    images = std::vector<StoredImage>(first, first + kept);
    return;
  }
  std::vector<StoredImage> chosen;
  for (const std::int64_t index : std::get<std::vector<std::int64_t>>(*params.indices)) {
    if (index < -size || index >= size) {
      throw Error(ErrorKind::config, "indices holds " + std::to_string(index) +
                                         "; the data set has " + std::to_string(size) + " images");
    }
    chosen.push_back(images[static_cast<std::size_t>(index < 0 ? index + size : index)]);
  }
  images = std::move(chosen);
}

}  // namespace

void describe(Schema<CocoPrefix>& schema) {
  schema.required("img", &CocoPrefix::img, "folder of the images, below data_root")
      .accepted("seg", "semantic maps are not read")
      .accepted("img_path", "upstream reads the images from 'img'");
}

void describe(Schema<CocoFilter>& schema) {
  schema
      .optional("filter_empty_gt", &CocoFilter::filter_empty_gt,
                "leave out images without any annotation of a selected category")
      .optional("min_size", &CocoFilter::min_size,
                "leave out images whose shorter side is less, pixels");
}

void describe(Schema<CocoDataset>& schema) {
  schema.summary("Images and boxes of a COCO annotation file.");
  describe_coco(schema);
}

Dataset make_coco(const CocoDataset& params, const std::string& name) {
  Dataset dataset{.name = name};
  dataset.test_mode = params.test_mode;
  dataset.max_refetch = params.max_refetch;
  dataset.ann_file = join_path(params.data_root, params.ann_file);
  const Classes classes = classes_of(params, dataset.warnings);
  const CocoFile file = read_annotations(params, dataset.ann_file);
  CocoSelection selection{.image_prefix = join_path(params.data_root, params.data_prefix.img),
                          .wants = [&](const std::string& word) { return classes.wants(word); }};
  if (params.filter_cfg && !params.test_mode) {
    selection.filter = true;
    selection.filter_empty_gt = params.filter_cfg->filter_empty_gt;
    selection.min_size = params.filter_cfg->min_size;
  }
  CocoRecords records = select_records(file, selection);
  warn_if_empty(records, file, selection, dataset.warnings);
  for (std::string& warning : records.warnings) dataset.warnings.push_back(std::move(warning));
  warn_of_labels(classes, records, dataset.ann_file, dataset.warnings);
  dataset.metainfo = metainfo_of(params, classes, records);
  apply_indices(params, records.store.images);
  const auto store = std::make_shared<const AnnotationStore>(std::move(records.store));
  dataset.size = static_cast<std::int64_t>(store->images.size());
  dataset.get = [store](std::int64_t index, Arena& arena) {
    return sample_of(*store, index, arena);
  };
  return dataset;
}

Dataset make(const CocoDataset& params, const BuildContext& context) {
  Dataset dataset = make_coco(params, CocoDataset::name);
  std::vector<Transform> steps = make_steps(params.pipeline, context);
  dataset.metainfo.normalized = std::any_of(
      steps.begin(), steps.end(), [](const Transform& step) { return step.name == "Normalize"; });
  set_pipeline(dataset, std::move(steps), Field::path | Field::instances);
  return dataset;
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 2.1 to 2.3.
#include <algorithm>
#include <filesystem>

#include "pinfeed/annotations/coco_index.h"
#include "pinfeed/core/record_id.h"
#include "pinfeed/data/datasets/coco_classes.h"
#include "pinfeed/data/datasets/coco_dataset.h"
#include "pinfeed/data/datasets/coco_select.h"

namespace pinfeed {
namespace {

// The classes of the config, and which category names they select.
struct SelectedClasses {
  std::vector<std::string> names = {};
  std::optional<std::string> text = {};  // a plain string selects each name that is a part of it

  bool wants(const std::string& name) const {
    if (text) return text->find(name) != std::string::npos;
    return std::find(names.begin(), names.end(), name) != names.end();
  }
};

SelectedClasses selected_classes(const CocoDataset& params, std::vector<std::string>& warnings) {
  const Value* written = params.metainfo ? params.metainfo->find("classes") : nullptr;
  std::error_code ignored;
  const bool is_text = written != nullptr && written->is_string() &&
                       !std::filesystem::is_regular_file(written->string(), ignored);
  if (is_text) {
    const std::string& text = written->string();
    warnings.push_back("classes is the string '" + text +
                       "': every category whose name is a part of it is selected");
    return {{text}, text};
  }
  if (auto names = written_classes(params)) return {std::move(*names), {}};
  return {{coco_classes.begin(), coco_classes.end()}, {}};
}

constexpr std::size_t most_named = 5;  // classes in a warning

// Names that both lists have, in the order of the first.
std::vector<std::string> common_names(const std::vector<std::string>& names,
                                      const std::vector<std::string>& others) {
  std::vector<std::string> both;
  for (const std::string& name : names) {
    if (std::find(others.begin(), others.end(), name) != others.end()) both.push_back(name);
  }
  return both;
}

std::vector<std::string> without_repetitions(const std::vector<std::string>& names) {
  std::vector<std::string> distinct;
  for (const std::string& name : names) {
    if (std::find(distinct.begin(), distinct.end(), name) == distinct.end())
      distinct.push_back(name);
  }
  return distinct;
}

// Roboflow writes a root category with the name of the project, which may be that of a class.
void warn_about_repeated_names(const std::vector<CocoCategory>& selected, const std::string& file,
                               std::size_t classes, std::vector<std::string>& warnings) {
  std::vector<std::string> names;
  names.reserve(selected.size());
  for (const CocoCategory& category : selected) names.push_back(category.name);
  for (const std::string& name : without_repetitions(names)) {
    std::vector<std::string> ids;
    std::vector<std::string> labels;
    for (std::size_t label = 0; label < selected.size(); ++label) {
      if (selected[label].name != name) continue;
      ids.push_back(id_text(selected[label].id));
      labels.push_back(std::to_string(label));
    }
    if (ids.size() < 2) continue;
    std::string text = file + " has several categories of the same name '" + name + "': the ids " +
                       joined(ids) + " get the labels " + joined(labels) + ", as in OpenMMLab";
    if (selected.size() > classes) {
      text += "; with " + std::to_string(classes) + " classes in the config, label " +
              std::to_string(selected.size() - 1) +
              " cannot be trained: rename or remove a category";
    }
    warnings.push_back(text);
  }
}

void warn_about_order(const std::vector<std::string>& selected,
                      const std::vector<std::string>& classes, const std::string& file,
                      std::vector<std::string>& warnings) {
  std::vector<std::string> listed = without_repetitions(common_names(selected, classes));
  std::vector<std::string> wanted = without_repetitions(common_names(classes, selected));
  if (listed == wanted) return;
  const auto [differs, other] =
      std::mismatch(listed.begin(), listed.end(), wanted.begin(), wanted.end());
  listed.erase(listed.begin(), differs);
  wanted.erase(wanted.begin(), other);
  warnings.push_back(file + " lists the classes in another order (" + joined(listed, most_named) +
                     ") than the config (" + joined(wanted, most_named) +
                     "): labels follow the file, as they do in OpenMMLab");
}

// No class of the config is a category: no object has a label.
std::string no_class_text(const CocoFile& file) {
  std::vector<std::string> names;
  for (const CocoCategory& category : file.categories) names.push_back(category.name);
  if (names.empty()) return file.path + " lists no categories: no object is used";
  return "none of the classes is a category of " + file.path +
         ": no object is used; set metainfo=dict(classes=...) out of " +
         joined(without_repetitions(names), most_named);
}

void warn_about_labels(const SelectedClasses& classes, const CocoRecords& records,
                       const CocoFile& file, std::vector<std::string>& warnings) {
  if (records.categories.empty()) return warnings.push_back(no_class_text(file));
  if (classes.text) return;
  std::vector<std::string> selected;
  for (const CocoCategory& category : records.categories) selected.push_back(category.name);
  std::vector<std::string> absent;
  for (const std::string& name : classes.names) {
    if (std::find(selected.begin(), selected.end(), name) == selected.end()) absent.push_back(name);
  }
  if (!absent.empty()) {
    warnings.push_back(file.path + " has no category " + joined(absent, most_named) +
                       ": the labels of the classes after it shift, as they do in OpenMMLab");
  }
  warn_about_repeated_names(records.categories, file.path, classes.names.size(), warnings);
  warn_about_order(selected, classes.names, file.path, warnings);
}

Metainfo coco_metainfo(const CocoDataset& params, const SelectedClasses& classes,
                       const CocoRecords& records) {
  Metainfo metainfo{.classes = classes.names, .classes_are_text = classes.text.has_value()};
  for (const CocoCategory& category : records.categories) {
    metainfo.category_ids.push_back(category.id);
    metainfo.category_names.push_back(category.name);
  }
  metainfo.others = other_metainfo(params);
  return metainfo;
}

CocoFile read_annotation_file(const CocoDataset& params, const BuildContext& context,
                              NameKey names) {
  if (params.ann_file.empty())
    throw Error(ErrorKind::config, "ann_file is ''; a COCO file is needed");
  const std::string path = join_path(params.data_root, params.ann_file);
  CocoFile file = context.index
                      ? read_indexed_coco_file(path, index_pays_from, context.bad_records, names)
                      : read_coco_file(path, context.bad_records, names);
  if (!file.has_annotations && !params.test_mode) {
    throw Error(ErrorKind::data, path + " has no 'annotations'")
        .help("a list of images alone can only be used with test_mode=True");
  }
  return file;
}

void warn_if_empty(const CocoRecords& records, const CocoFile& file, const CocoSelection& selection,
                   std::vector<std::string>& warnings) {
  if (!records.store.images.empty()) return;
  if (file.images.empty()) return warnings.push_back(file.path + " has no images");
  std::string filters;
  if (selection.filter_empty_gt) filters = "filter_empty_gt=True";
  if (selection.min_size > 0) {
    filters += (filters.empty() ? "" : ", ") + ("min_size=" + std::to_string(selection.min_size));
  }
  warnings.push_back(file.path + ": filter_cfg (" + filters + ") leaves none of " +
                     std::to_string(file.images.size()) + " images");
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
                "leave out images with a shorter side below it, pixels");
}

void describe(Schema<CocoDataset>& schema) {
  schema.summary("Images and boxes of a COCO annotation file.")
      .include<RecordKeys>()
      .meaning("ann_file", "COCO annotations, below data_root")
      .meaning("metainfo", "dict(classes=('name', ...)): the categories to use; default: COCO's 80")
      .required("data_prefix", &CocoDataset::data_prefix, "dict(img='folder of the images')")
      .optional("filter_cfg", &CocoDataset::filter_cfg, "which images training leaves out")
      .include<DetectionKeys>();
}

Dataset make_coco_dataset(const CocoDataset& params, const std::string& name,
                          const BuildContext& context, NameKey names) {
  std::vector<std::string> warnings;
  const SelectedClasses classes = selected_classes(params, warnings);
  const CocoFile file = read_annotation_file(params, context, names);
  CocoSelection selection{.image_prefix = join_path(params.data_root, params.data_prefix.img),
                          .wants = [&](const std::string& word) { return classes.wants(word); }};
  if (params.filter_cfg && !params.test_mode) {
    selection.filter = true;
    selection.filter_empty_gt = params.filter_cfg->filter_empty_gt;
    selection.min_size = params.filter_cfg->min_size;
  }
  CocoRecords records = select_records(file, selection);
  warn_if_empty(records, file, selection, warnings);
  for (std::string& warning : records.warnings) warnings.push_back(std::move(warning));
  warn_about_labels(classes, records, file, warnings);
  const Metainfo metainfo = coco_metainfo(params, classes, records);
  Dataset dataset = dataset_of(params, name, std::move(records.store));
  dataset.metainfo = metainfo;
  dataset.warnings.insert(dataset.warnings.begin(), warnings.begin(), warnings.end());
  return dataset;
}

Dataset make(const CocoDataset& params, const BuildContext& context) {
  return with_pipeline(make_coco_dataset(params, CocoDataset::name, context), params,
                       Field::path | Field::instances, context);
}

}  // namespace pinfeed

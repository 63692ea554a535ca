// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 2.1, 2.2.
#include "pinfeed/data/datasets/base_dataset.h"
#include "pinfeed/annotations/records_file.h"
#include "pinfeed/data/datasets/annotation_store.h"
#include "pinfeed/data/datasets/base_det_dataset.h"
#include "pinfeed/data/datasets/path_prefix.h"
#include "pinfeed/data/datasets/records.h"

namespace pinfeed {
namespace {

// What the config says of classes counts before the file.
std::vector<std::string> classes_of(const RecordKeys& params, const RecordsFile& file) {
  if (auto written = written_classes(params)) return std::move(*written);
  const Value* own = file.metainfo.find("classes");
  if (own == nullptr) return {};
  try {
    return convert<std::vector<std::string>>(*own, "metainfo.classes");
  } catch (const Error& error) {
    throw Error(ErrorKind::data, file.path + ": " + error.text());
  }
}

Dict others_of(const RecordKeys& params, const RecordsFile& file) {
  Dict others = others_of(params);
  for (const Dict::Entry& entry : file.metainfo.entries()) {
    if (entry.key.text == "classes" || others.find(entry.key) != nullptr) continue;
    others.set(entry.key, entry.value);
  }
  return others;
}

void check_label(std::int64_t label, std::size_t record, const std::vector<std::string>& classes,
                 const RecordsFile& file) {
  if (classes.empty() || (label >= 0 && label < std::ssize(classes))) return;
  throw Error(ErrorKind::data, file.path + ": data_list[" + std::to_string(record) +
                                   "] has a label of " + std::to_string(label) + "; there are " +
                                   std::to_string(classes.size()) + " classes");
}

// What is wrong with the labels of a record, or with the record as it was read.
std::shared_ptr<const Error> wrong_with(std::size_t i, const RecordsFile& file, BadRecords rule,
                                        const std::vector<std::string>& classes) {
  const FileRecord& record = file.records[i];
  if (record.wrong) return record.wrong;
  try {
    for (const Instance& instance : std::span(file.instances).subspan(record.first, record.count)) {
      check_label(instance.label, i, classes, file);
    }
    if (record.gt_label) check_label(*record.gt_label, i, classes, file);
  } catch (const Error& error) {
    if (rule == BadRecords::raise) throw;
    return std::make_shared<const Error>(error);
  }
  return nullptr;
}

AnnotationStore store_of(const RecordsFile& file, const std::string& prefix, BadRecords rule,
                         const std::vector<std::string>& classes) {
  AnnotationStore store;
  store.segmentations = std::make_shared<const SegmentationFile>(file.path);
  for (std::size_t i = 0; i < file.records.size(); ++i) {
    const FileRecord& record = file.records[i];
    const std::shared_ptr<const Error> wrong = wrong_with(i, file, rule, classes);
    store.has_gt_labels = store.has_gt_labels || record.gt_label.has_value();
    store.add(
        {.path = join_path(prefix, record.img_path),
         .name_size = record.img_path.size(),
         .id = record.img_id,
         .id_text = record.img_id_text,
         .annotated = record.size,
         .gt_label = static_cast<std::int32_t>(record.gt_label.value_or(0)),
         .instances = std::span(file.instances).subspan(record.first, wrong ? 0 : record.count)});
    if (wrong) store.mark_bad(store.images.back(), *wrong);
  }
  store.shrink_to_fit();
  return store;
}

Dataset make_records(const BaseDataset& params, const std::string& name,
                     const BuildContext& context) {
  if (params.ann_file.empty()) {
    throw Error(ErrorKind::config,
                "ann_file is ''; a file of 'metainfo' and 'data_list' is needed");
  }
  const BadRecords rule = context.bad_records;
  const RecordsFile file = read_records_file(join_path(params.data_root, params.ann_file), rule);
  const std::vector<std::string> classes = classes_of(params, file);
  AnnotationStore store = store_of(file, prefix_of(params), rule, classes);
  const Fields label = store.has_gt_labels ? Fields(Field::gt_label) : Fields();
  Dataset dataset = dataset_of(params, name, std::move(store));
  if (file.records.empty()) dataset.warnings.push_back(file.path + " holds no records");
  dataset.metainfo.classes = classes;
  dataset.metainfo.others = others_of(params, file);
  return with_pipeline(std::move(dataset), params, Field::path | Field::instances | label, context);
}

template <class T>
void describe_base(Schema<T>& schema) {
  describe_records(schema, "a JSON file of 'metainfo' and 'data_list', below data_root",
                   "dict(classes=('name', ...)); the file's when absent");
  describe_prefix(schema);
  schema.accepted("filter_cfg", "upstream's class filters nothing");
}

}  // namespace

std::string prefix_of(const BaseDataset& params) {
  const auto* text = std::get_if<std::string>(&params.data_prefix);
  return join_path(params.data_root,
                   text != nullptr ? *text : std::get<PathPrefix>(params.data_prefix).img_path);
}

void describe(Schema<PathPrefix>& schema) {
  schema.optional("img_path", &PathPrefix::img_path, "folder of the images, below data_root");
}

void describe(Schema<BaseDataset>& schema) {
  schema.summary("Records in OpenMMLab's own format: a JSON file of 'metainfo' and 'data_list'.");
  describe_base(schema);
}

Dataset make(const BaseDataset& params, const BuildContext& context) {
  return make_records(params, BaseDataset::name, context);
}

void describe(Schema<BaseDetDataset>& schema) {
  schema.summary("BaseDataset for detectors.");
  describe_base(schema);
  describe_detection(schema);
}

Dataset make(const BaseDetDataset& params, const BuildContext& context) {
  return make_records(params, BaseDetDataset::name, context);
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 2.1, 2.2.
#include "pinfeed/data/datasets/base_dataset.h"
#include "pinfeed/annotations/records_file.h"
#include "pinfeed/data/datasets/annotation_store.h"

namespace pinfeed {
namespace {

// The classes of the config have precedence over those of the file.
std::vector<std::string> record_classes(const RecordKeys& params, const RecordsFile& file) {
  if (auto written = written_classes(params)) return std::move(*written);
  const Value* classes = file.metainfo.find("classes");
  if (classes == nullptr) return {};
  try {
    return convert<std::vector<std::string>>(*classes, "metainfo.classes");
  } catch (const Error& error) {
    throw Error(ErrorKind::data, file.path + ": " + error.text());
  }
}

Dict record_metainfo(const RecordKeys& params, const RecordsFile& file) {
  Dict others = other_metainfo(params);
  for (const Dict::Entry& entry : file.metainfo.entries()) {
    if (entry.key.text == "classes" || others.find(entry.key) != nullptr) continue;
    others.set(entry.key, entry.value);
  }
  return others;
}

void check_record_label(std::int64_t label, std::size_t record,
                        const std::vector<std::string>& classes, const RecordsFile& file) {
  if (classes.empty() || (label >= 0 && label < std::ssize(classes))) return;
  throw Error(ErrorKind::data, file.path + ": data_list[" + std::to_string(record) +
                                   "] has a label of " + std::to_string(label) + "; there are " +
                                   std::to_string(classes.size()) + " classes");
}

// The error of a record: the one that reading it gave, or one about its labels. Null for none.
std::shared_ptr<const Error> record_error(std::size_t i, const RecordsFile& file, BadRecords rule,
                                          const std::vector<std::string>& classes) {
  const FileRecord& record = file.records[i];
  if (record.error) return record.error;
  try {
    for (const Instance& instance : std::span(file.instances).subspan(record.first, record.count)) {
      check_record_label(instance.label, i, classes, file);
    }
    if (record.gt_label) check_record_label(*record.gt_label, i, classes, file);
  } catch (const Error& error) {
    if (rule == BadRecords::raise) throw;
    return std::make_shared<const Error>(error);
  }
  return nullptr;
}

AnnotationStore record_store(const RecordsFile& file, const std::string& prefix, BadRecords rule,
                             const std::vector<std::string>& classes) {
  AnnotationStore store;
  store.segmentations = std::make_shared<const SegmentationFile>(file.path);
  for (std::size_t i = 0; i < file.records.size(); ++i) {
    const FileRecord& record = file.records[i];
    const std::shared_ptr<const Error> error = record_error(i, file, rule, classes);
    store.has_gt_labels = store.has_gt_labels || record.gt_label.has_value();
    store.add(
        {.path = join_path(prefix, record.img_path),
         .name_size = record.img_path.size(),
         .id = record.img_id,
         .id_text = record.img_id_text,
         .annotated = record.size,
         .gt_label = static_cast<std::int32_t>(record.gt_label.value_or(0)),
         .instances = std::span(file.instances).subspan(record.first, error ? 0 : record.count)});
    if (error) store.mark_bad(store.images.back(), *error);
  }
  store.shrink_to_fit();
  return store;
}

}  // namespace

void describe(Schema<BaseDataset>& schema) {
  schema.summary("Records in OpenMMLab's own format: a JSON file with 'metainfo' and 'data_list'.")
      .include<PathRecordKeys>()
      .meaning("ann_file", "a JSON file with 'metainfo' and 'data_list', below data_root")
      .meaning("metainfo", "dict(classes=('name', ...)); default: the classes of the file")
      .accepted("filter_cfg", "upstream's class filters no images");
}

Dataset make_base_dataset(const BaseDataset& params, const std::string& name,
                          const BuildContext& context) {
  if (params.ann_file.empty()) {
    throw Error(ErrorKind::config,
                "ann_file is ''; a file with 'metainfo' and 'data_list' is needed");
  }
  const BadRecords rule = context.bad_records;
  const RecordsFile file = read_records_file(join_path(params.data_root, params.ann_file), rule);
  const std::vector<std::string> classes = record_classes(params, file);
  AnnotationStore store = record_store(file, prefix_of(params), rule, classes);
  const Fields label = store.has_gt_labels ? Fields(Field::gt_label) : Fields();
  Dataset dataset = dataset_of(params, name, std::move(store));
  if (file.records.empty()) dataset.warnings.push_back(file.path + " has no records");
  dataset.metainfo.classes = classes;
  dataset.metainfo.others = record_metainfo(params, file);
  return with_pipeline(std::move(dataset), params, Field::path | Field::instances | label, context);
}

Dataset make(const BaseDataset& params, const BuildContext& context) {
  return make_base_dataset(params, BaseDataset::name, context);
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/check_settings.h"

#include <functional>
#include <string>

#include "pinfeed/cli/check_part.h"
#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/loader/loader_options.h"
#include "pinfeed/data/transform.h"
#include "pinfeed/schedule/read_schedule.h"
#include "pinfeed/schemas/model_list.h"
#include "pinfeed/schemas/run_settings.h"

namespace pinfeed::cli {
namespace {

// The fields that the samples of a data set have, as far as the config tells. Throws Error(config).
class PipelineCheck {
 public:
  explicit PipelineCheck(const Catalogs& catalogs) : catalogs_(catalogs) {}

  Fields gives(const Value& dataset, const std::string& path) const {
    Fields fields = Field::path | Field::instances | Field::gt_label;
    if (const Value* inner = dataset.find("dataset"); inner != nullptr && inner->is_dict())
      fields = gives(*inner, path + ".dataset");
    if (const Value* several = dataset.find("datasets");
        several != nullptr && several->is_sequence()) {
      for (std::size_t i = 0; i < several->items().size(); ++i)
        fields = gives(several->items()[i], path + ".datasets[" + std::to_string(i) + "]");
    }
    const Value* steps = dataset.find("pipeline");
    if (steps == nullptr || !steps->is_sequence()) return fields;
    return behind(*steps, path + ".pipeline", fields);
  }

 private:
  Fields behind(const Value& steps, const std::string& path, Fields fields) const {
    const BuildContext context{.catalogs = &catalogs_};
    std::vector<Transform> built;
    for (std::size_t i = 0; i < steps.items().size(); ++i) {
      const std::string inner = path + "[" + std::to_string(i) + "]";
      built.push_back(catalogs_.transforms.make(steps.items()[i], inner, context));
      built.back().config_path = inner;
      built.back().span = steps.items()[i].span();
    }
    const Fields created = use_of(built).creates;
    (void)make_pipeline(std::move(built), fields);
    return fields | created;
  }

  const Catalogs& catalogs_;
};

// The classes that the config writes for the innermost data set of a loader; empty if it has none.
std::vector<std::string> written_class_names(const Value& root, const std::string& section) {
  const Value* part = root.find(section);
  const Value* classes = nullptr;
  while (part != nullptr && part->is_dict() && classes == nullptr) {
    const Value* metainfo = part->find("metainfo");
    if (metainfo != nullptr) classes = metainfo->find("classes");
    part = part->find("dataset");
  }
  std::vector<std::string> names;
  if (classes == nullptr || !classes->is_sequence()) return names;
  for (const Value& name : classes->items()) {
    if (name.is_string()) names.push_back(name.string());
  }
  return names;
}

void record_notes(const ConfigNotes& notes, std::vector<Finding>& findings) {
  for (const ConfigNote& note : notes) {
    const std::string verdict = "ignored: " + note.reason;
    bool found = false;
    for (Finding& finding : findings) {
      const bool same = finding.key == note.path || note.path.starts_with(finding.key + "[");
      const bool inside = finding.key.starts_with(note.path + ".");
      if ((!same && !inside) || !finding.supported()) continue;
      found = true;
      finding.verdict = verdict;
    }
    if (!found) findings.push_back({note.path, note.path, verdict, ""});
  }
}

}  // namespace

void check_pipelines(const Value& root, const Catalogs& catalogs, std::vector<Finding>& findings) {
  const PipelineCheck pipelines(catalogs);
  for (const std::string section : {"train_dataloader", "val_dataloader"}) {
    const Value* loader = root.find(section);
    const Value* dataset = loader != nullptr ? loader->find("dataset") : nullptr;
    if (dataset == nullptr || !dataset->is_dict()) continue;
    record_error([&] { (void)pipelines.gives(*dataset, section + ".dataset"); }, section, 0,
                 findings);
  }
}

void check_settings(const Value& root, const Catalogs& catalogs, std::vector<Finding>& findings) {
  const auto read = [&findings](const char* section, const std::function<void()>& reader) {
    record_error(reader, section, 0, findings);
  };
  read("pinfeed", [&] { (void)loader_options(root); });
  const bool trains = root.is_set("train_cfg") && root.is_set("optim_wrapper");
  if (root.is_set("train_cfg") && root.is_set("param_scheduler")) {
    read("param_scheduler",
         [&] { scheduled_optimizers(root, train_length(root, /*epoch_length=*/100)); });
  }
  RunSettings settings;
  ConfigNotes notes;
  for (const SettingsReader& reader : settings_readers(catalogs)) {
    if (!trains && !root.is_set(reader.section)) continue;
    const std::string_view section = reader.section;
    if (section == "model" && !root.is_set("model")) continue;
    if (section == "val_evaluator" && !trains) {
      read(reader.section, [&] { (void)read_evaluators(root, "val_evaluator"); });
      continue;
    }
    read(reader.section, [&] { reader.read(root, settings, notes); });
  }
  record_notes(notes, findings);
  for (const std::string section : {"train_dataloader", "val_dataloader"}) {
    const Metainfo dataset{.classes = written_class_names(root, section)};
    read("model", [&] { check_class_counts(root, dataset, section); });
  }
}

std::vector<std::string> missing_for_training(const Value& root) {
  std::vector<std::string> missing;
  for (const char* section : {"model", "train_dataloader", "train_cfg", "optim_wrapper"}) {
    if (!root.is_set(section)) missing.emplace_back(section);
  }
  return missing;
}

}  // namespace pinfeed::cli

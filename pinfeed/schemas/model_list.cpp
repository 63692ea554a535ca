// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schemas/model_list.h"

#include <set>
#include <variant>

#include "pinfeed/config/catalog.h"
#include "pinfeed/core/record_id.h"

namespace pinfeed {
namespace {

template <class... Parts>
void append_docs(std::vector<PartDoc>& docs, const std::tuple<Parts...>*) {
  (docs.push_back(schema_of<Parts>().doc()), ...);
}

// A null pointer carries the type: the parts themselves are not constructed.
template <class... Lists>
std::vector<PartDoc> docs_of_lists() {
  std::vector<PartDoc> docs;
  (append_docs(docs, static_cast<const Lists*>(nullptr)), ...);
  return docs;
}

template <class... Models>
Catalog<bool, std::monostate> parsers_of(const std::tuple<Models...>*) {
  Catalog<bool, std::monostate> catalog("model");
  (catalog.template add_with<Models>([](const Models&, std::monostate) { return true; }), ...);
  return catalog;
}

void collect_counts(const Value& value, const std::string& path, std::vector<ClassCount>& counts) {
  if (value.is_sequence()) {
    for (std::size_t i = 0; i < value.items().size(); ++i)
      collect_counts(value.items()[i], path + "[" + std::to_string(i) + "]", counts);
  }
  if (!value.is_dict()) return;
  const Value* type = value.find("type");
  const std::string name = type != nullptr ? type_of(value, path).name : "";
  for (const Dict::Entry& entry : value.dict().entries()) {
    const std::string inner = path + "." + entry.key.text;
    if (entry.key.text != "num_classes") {
      collect_counts(entry.value, inner, counts);
    } else if (entry.value.is_int() && name != "RPNHead") {
      counts.push_back({inner, name, entry.value.integer(), entry.value.span()});
    }
  }
}

// "a.json: the category 'cat' (id 3) has the label 2", where the data set knows it. Of several data
// sets it does not know which one has the label.
std::string owner_of(std::int64_t label, const Dataset& dataset) {
  const Metainfo& metainfo = dataset.metainfo;
  const std::string text = " has the label " + std::to_string(label);
  if (!dataset.source_ends.empty()) return "an object of one of the data sets" + text;
  const std::string file = dataset.ann_file.empty() ? "" : dataset.ann_file + ": ";
  const auto at = static_cast<std::size_t>(label);
  if (label < 0 || at >= metainfo.category_ids.size()) return file + "an object" + text;
  return file + "the category '" + label_names(metainfo)[at] + "' (id " +
         id_text(metainfo.category_ids[at]) + ")" + text;
}

std::string label_advice(const Metainfo& dataset) {
  std::set<std::string> distinct(dataset.category_names.begin(), dataset.category_names.end());
  if (distinct.size() == dataset.category_names.size())
    return "the classes of the data set and num_classes must agree";
  return "several categories have the same name: rename or remove all but one of them in the file";
}

}  // namespace

Value network_of(const Value& config) {
  const Value* model = config.find("model");
  if (model == nullptr || model->is_none()) {
    throw Error(ErrorKind::config, "the config has no model").inside("model");
  }
  require_dict(*model, "model");
  Value network = *model;
  network.dict().erase("data_preprocessor");
  return network;
}

void check_model(const Value& config, const ModelCatalog& added) {
  const Value network = network_of(config);
  if (added.check(network, "model")) return;
  (void)parsers_of(static_cast<const BuiltinModels*>(nullptr)).make(network, "model", {});
}

std::vector<std::string> model_names() {
  return parsers_of(static_cast<const BuiltinModels*>(nullptr)).names();
}

std::vector<ClassCount> class_counts(const Value& config) {
  std::vector<ClassCount> counts;
  if (const Value* model = config.find("model")) collect_counts(*model, "model", counts);
  return counts;
}

void check_class_counts(const Value& config, const Metainfo& dataset, const std::string& section) {
  const auto classes = static_cast<std::int64_t>(dataset.classes.size());
  if (classes == 0) return;
  for (const ClassCount& head : class_counts(config)) {
    if (dataset.classes_are_text) {
      throw Error(ErrorKind::config, "the classes of the data set of " + section +
                                         " are the str '" + dataset.classes.front() +
                                         "'; a list of names is needed")
          .inside(section + ".dataset.metainfo.classes")
          .help("write classes=('" + dataset.classes.front() + "',), with the comma");
    }
    if (head.count == classes) continue;
    throw Error(ErrorKind::config,
                "num_classes of " + head.type + " is " + std::to_string(head.count) +
                    "; the data set of " + section + " has " + std::to_string(classes) +
                    (classes == 1 ? " class: " : " classes: ") + joined(dataset.classes, 5))
        .at(head.span)
        .inside(head.path)
        .help("set " + head.path + "=" + std::to_string(classes) +
              ", or name the classes of the model in metainfo=dict(classes=...) of the data set");
  }
}

void check_labels(const Value& config, const Dataset& dataset) {
  const auto& [smallest, largest] = dataset.labels;
  for (const ClassCount& head : class_counts(config)) {
    if (smallest >= 0 && largest < head.count) continue;
    const std::int64_t label = smallest < 0 ? smallest : largest;
    throw Error(ErrorKind::data, owner_of(label, dataset) + ", but num_classes of " + head.type +
                                     " is " + std::to_string(head.count))
        .at(head.span)
        .inside(head.path)
        .help(label_advice(dataset.metainfo));
  }
}

std::vector<PartDoc> model_docs() {
  return docs_of_lists<BuiltinModels, BuiltinBackbones, BuiltinNecks, BuiltinHeads, BuiltinLosses,
                       BuiltinLayers, BuiltinTaskParts, BuiltinModelOptions>();
}

}  // namespace pinfeed

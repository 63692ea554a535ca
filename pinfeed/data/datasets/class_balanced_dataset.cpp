// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 2.5.
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>

#include "pinfeed/data/datasets/class_balanced_dataset.h"

namespace pinfeed {
namespace {

using Labels = std::set<std::int64_t>;

std::vector<Labels> labels_of(const Dataset& dataset) {
  std::vector<Labels> labels;
  Arena arena;
  for (std::int64_t i = 0; i < dataset.size; ++i) {
    arena.reset();
    const Sample record = dataset.get(i, arena);
    Labels& own = labels.emplace_back();
    for (const Instance& instance : record.instances) own.insert(instance.label);
    if (record.fields.has(Field::gt_label)) own.insert(record.gt_label);
  }
  return labels;
}

// How often images of each class should come: sqrt(threshold / part of the images that show it).
std::map<std::int64_t, double> repeats_of(const std::vector<Labels>& labels, double threshold) {
  std::map<std::int64_t, double> repeats;
  for (const Labels& own : labels) {
    for (const std::int64_t label : own) repeats[label] += 1.0;
  }
  for (auto& [label, value] : repeats) {
    const double part = value / static_cast<double>(labels.size());
    value = std::max(1.0, std::sqrt(threshold / part));
  }
  return repeats;
}

std::vector<std::int64_t> indices_of(const Dataset& dataset, double threshold) {
  const std::vector<Labels> labels = labels_of(dataset);
  const std::map<std::int64_t, double> repeats = repeats_of(labels, threshold);
  std::vector<std::int64_t> indices;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    double most = 1.0;
    for (const std::int64_t label : labels[i]) most = std::max(most, repeats.at(label));
    indices.insert(indices.end(), static_cast<std::size_t>(std::ceil(most)),
                   static_cast<std::int64_t>(i));
  }
  return indices;
}

}  // namespace

void describe(Schema<ClassBalancedDataset>& schema) {
  schema.summary("A data set in which images of rare classes come several times.")
      .required("dataset", &ClassBalancedDataset::dataset, "what is repeated")
      .required("oversample_thr", &ClassBalancedDataset::oversample_thr,
                "classes in a smaller part of the images are rare", at_least(0))
      .accepted("lazy_init", "the data set is made at once");
}

Dataset make(const ClassBalancedDataset& params, const BuildContext& context) {
  const auto inner = std::make_shared<const Dataset>(
      context.catalogs->datasets.make(params.dataset.value, params.dataset.path, context));
  const auto indices =
      std::make_shared<const std::vector<std::int64_t>>(indices_of(*inner, params.oversample_thr));
  Dataset balanced = wrapping(*inner, ClassBalancedDataset::name);
  balanced.size = std::ssize(*indices);
  balanced.get = [inner, indices](std::int64_t index, Arena& arena) {
    return inner->get((*indices)[static_cast<std::size_t>(index)], arena);
  };
  balanced.plan = [inner, indices](std::int64_t index,
                                   RandomContext& random) -> std::optional<Sample> {
    return fetch(*inner, (*indices)[static_cast<std::size_t>(index)], random);
  };
  return balanced;
}

}  // namespace pinfeed

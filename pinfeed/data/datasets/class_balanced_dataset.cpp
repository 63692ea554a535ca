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

std::vector<Labels> labels_of_images(const Dataset& dataset) {
  std::vector<Labels> labels;
  Arena arena;
  for (std::int64_t i = 0; i < dataset.size; ++i) {
    arena.reset();
    const Sample record = dataset.get(i, arena);
    Labels& of_image = labels.emplace_back();
    for (const Instance& instance : record.instances) of_image.insert(instance.label);
    if (record.fields.has(Field::gt_label)) of_image.insert(record.gt_label);
  }
  return labels;
}

// The repeat factor of each class: sqrt(threshold / fraction of the images that contain it), at
// least 1.
std::map<std::int64_t, double> repeats_of(const std::vector<Labels>& labels, double threshold) {
  std::map<std::int64_t, double> repeats;
  for (const Labels& of_image : labels) {
    for (const std::int64_t label : of_image) repeats[label] += 1.0;
  }
  for (auto& [label, value] : repeats) {
    const double fraction = value / static_cast<double>(labels.size());
    value = std::max(1.0, std::sqrt(threshold / fraction));
  }
  return repeats;
}

std::vector<std::int64_t> repeated_indices(const Dataset& dataset, double threshold) {
  const std::vector<Labels> labels = labels_of_images(dataset);
  const std::map<std::int64_t, double> repeats = repeats_of(labels, threshold);
  std::vector<std::int64_t> indices;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    double factor = 1.0;
    for (const std::int64_t label : labels[i]) factor = std::max(factor, repeats.at(label));
    indices.insert(indices.end(), static_cast<std::size_t>(std::ceil(factor)),
                   static_cast<std::int64_t>(i));
  }
  return indices;
}

}  // namespace

void describe(Schema<ClassBalancedDataset>& schema) {
  schema.summary("A data set in which images of rare classes occur several times.")
      .required("dataset", &ClassBalancedDataset::dataset, "the data set whose images are repeated")
      .required("oversample_thr", &ClassBalancedDataset::oversample_thr,
                "classes in a smaller fraction of the images are rare", between(0, 10'000))
      .accepted("lazy_init", "the data set is always made at once");
}

Dataset make(const ClassBalancedDataset& params, const BuildContext& context) {
  const auto inner = std::make_shared<const Dataset>(
      context.catalogs->datasets.make(params.dataset.value, params.dataset.path, context));
  const auto indices = std::make_shared<const std::vector<std::int64_t>>(
      repeated_indices(*inner, params.oversample_thr));
  Dataset balanced = wrapping(*inner, ClassBalancedDataset::name);
  balanced.size = std::ssize(*indices);
  balanced.distinct_records = record_count(*inner);
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

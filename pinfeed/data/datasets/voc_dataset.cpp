// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 2.4.
#include "pinfeed/data/datasets/voc_dataset.h"

#include <array>

namespace pinfeed {
namespace {

constexpr std::array<const char*, 20> voc_classes = {
    "aeroplane", "bicycle",     "bird",  "boat",        "bottle", "bus",      "car",
    "cat",       "chair",       "cow",   "diningtable", "dog",    "horse",    "motorbike",
    "person",    "pottedplant", "sheep", "sofa",        "train",  "tvmonitor"};

// Upstream's metainfo 'dataset_type', by the name of the folder.
Value voc_year(const std::string& root) {
  for (const char* year : {"VOC2007", "VOC2012"}) {
    if (root.find(year) != std::string::npos) return year;
  }
  return {};
}

}  // namespace

void describe(Schema<VOCDataset>& schema) {
  schema.summary("XMLDataset with the 20 classes of PASCAL VOC.")
      .include<XMLDataset>()
      .meaning("metainfo", "dict(classes=('name', ...)); default: the 20 classes of VOC");
}

Dataset make(const VOCDataset& params, const BuildContext& context) {
  auto classes = written_classes(params);
  if (!classes) classes.emplace(voc_classes.begin(), voc_classes.end());
  Dataset dataset = make_xml_dataset(params, VOCDataset::name, std::move(*classes), context);
  const std::string root = join_path(params.data_root, params.data_prefix.sub_data_root);
  dataset.metainfo.others.set("dataset_type", voc_year(root));
  return dataset;
}

}  // namespace pinfeed

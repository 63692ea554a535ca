// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/datasets/records.h"

namespace pinfeed {

/// 'data_prefix' of XMLDataset.
struct XMLPrefix {
  static constexpr auto name = "data_prefix";
  std::string sub_data_root = {};  // folder of img_subdir and ann_subdir, below data_root
};
void describe(Schema<XMLPrefix>& schema);

/// 'filter_cfg' of XMLDataset.
struct XMLFilter {
  static constexpr auto name = "filter_cfg";
  bool filter_empty_gt = false;           // leave out images without any object
  int min_size = 0;                       // leave out images with a shorter side below it, pixels
  std::optional<int> bbox_min_size = {};  // mark smaller objects as ignored, pixels
};
void describe(Schema<XMLFilter>& schema);

/// Images listed in a text file, each with an annotation file in PASCAL VOC's format. A label is
/// the position of the object's name in `classes`.
struct XMLDataset : RecordKeys, DetectionKeys {
  static constexpr auto name = "XMLDataset";

  XMLPrefix data_prefix = {};
  std::optional<XMLFilter> filter_cfg = {};
  std::string img_subdir = "JPEGImages";
  std::string ann_subdir = "Annotations";
};
void describe(Schema<XMLDataset>& schema);
Dataset make(const XMLDataset& params, const BuildContext& context);

/// The same under another name and with these classes, for data sets that derive from XMLDataset.
Dataset make_xml_dataset(const XMLDataset& params, const std::string& name,
                         std::vector<std::string> classes, const BuildContext& context);

}  // namespace pinfeed

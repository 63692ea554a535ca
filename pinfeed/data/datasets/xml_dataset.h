// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/datasets/records.h"

namespace pinfeed {

/// 'data_prefix' of XMLDataset.
struct XMLPrefix {
  static constexpr auto name = "data_prefix";
  std::string sub_data_root = {};  // folder of the two folders, below data_root
};
void describe(Schema<XMLPrefix>& schema);

/// 'filter_cfg' of XMLDataset.
struct XMLFilter {
  static constexpr auto name = "filter_cfg";
  bool filter_empty_gt = false;           // leave out images without any object
  int min_size = 0;                       // leave out those whose shorter side is less, pixels
  std::optional<int> bbox_min_size = {};  // smaller objects are ignored, pixels
};
void describe(Schema<XMLFilter>& schema);

/// Images listed in a text file, each with a file of objects as PASCAL VOC writes them. Labels
/// follow the order of `classes`.
struct XMLDataset : RecordKeys {
  static constexpr auto name = "XMLDataset";

  XMLPrefix data_prefix = {};
  std::optional<XMLFilter> filter_cfg = {};
  std::string img_subdir = "JPEGImages";
  std::string ann_subdir = "Annotations";
};
void describe(Schema<XMLDataset>& schema);
Dataset make(const XMLDataset& params, const BuildContext& context);

}  // namespace pinfeed

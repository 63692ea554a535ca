// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>

#include "pinfeed/data/datasets/records.h"

namespace pinfeed {

/// 'data_prefix' of data sets whose records have an 'img_path'.
struct PathPrefix {
  static constexpr auto name = "data_prefix";
  std::string img_path = {};  // folder of the images, below data_root
};
void describe(Schema<PathPrefix>& schema);

/// The keys of data sets whose records have an 'img_path'.
struct PathRecordKeys : RecordKeys {
  std::variant<PathPrefix, std::string> data_prefix = {};
};
void describe(Schema<PathRecordKeys>& schema);

/// The folder that the paths of the images start from: data_root and data_prefix joined.
std::string prefix_of(const PathRecordKeys& params);

}  // namespace pinfeed

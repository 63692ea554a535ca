// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/datasets/path_prefix.h"

namespace pinfeed {

void describe(Schema<PathPrefix>& schema) {
  schema.optional("img_path", &PathPrefix::img_path, "folder of the images, below data_root");
}

void describe(Schema<PathRecordKeys>& schema) {
  schema.include<RecordKeys>().optional(
      "data_prefix", &PathRecordKeys::data_prefix,
      "folder of the images: dict(img_path='folder'), or its name alone");
}

std::string prefix_of(const PathRecordKeys& params) {
  const auto* text = std::get_if<std::string>(&params.data_prefix);
  return join_path(params.data_root,
                   text != nullptr ? *text : std::get<PathPrefix>(params.data_prefix).img_path);
}

}  // namespace pinfeed

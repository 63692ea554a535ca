// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace pinfeed::test {

/// The config of a data set over the training images that write_shapes() made in `folder`. `steps`
/// are those of its pipeline: "dict(...), dict(...)".
inline std::string shapes_dataset(const std::string& folder, const std::string& steps) {
  return "dict(type='CocoDataset', data_root='" + folder +
         "', ann_file='annotations/train.json', data_prefix=dict(img='train/'), "
         "metainfo=dict(classes=('circle', 'square', 'triangle', 'star', 'cross')), pipeline=[" +
         steps + "])";
}

}  // namespace pinfeed::test

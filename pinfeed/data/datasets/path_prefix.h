// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/data/datasets/base_dataset.h"
#include "pinfeed/data/datasets/records.h"

namespace pinfeed {

/// 'data_prefix' of a data set that has BaseDataset's.
template <class T>
void describe_prefix(Schema<T>& schema) {
  schema.optional("data_prefix", own<T>(&BaseDataset::data_prefix),
                  "folder of the images: dict(img_path='folder'), or its name alone");
}

/// The folder that paths start from.
std::string prefix_of(const BaseDataset& params);

}  // namespace pinfeed

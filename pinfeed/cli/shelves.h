// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/config/schema.h"

namespace pinfeed::cli {

/// All parts of one kind.
struct Shelf {
  std::string kind = {};
  std::vector<PartDoc> parts = {};
};
/// Every part that pinfeed has, by kind.
std::vector<Shelf> all_shelves();

}  // namespace pinfeed::cli

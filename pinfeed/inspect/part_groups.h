// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/config/schema.h"
#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// All parts of one kind.
struct PartGroup {
  std::string kind = {};
  std::vector<PartDoc> parts = {};
};
/// The parts of these catalogs and all other parts of pinfeed, by kind.
std::vector<PartGroup> all_part_groups(const Catalogs& catalogs);

}  // namespace pinfeed

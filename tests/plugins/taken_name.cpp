// SPDX-License-Identifier: Apache-2.0
// A plugin whose part has the name of a built-in part.
#include "pinfeed/plugin.h"

namespace mine {

struct Resize {
  static constexpr auto name = "Resize";
};
void describe(pinfeed::Schema<Resize>& schema) { schema.summary("Another Resize."); }
pinfeed::FieldUse fields(const Resize&) { return {}; }
bool apply(const Resize&, pinfeed::Sample&, pinfeed::RandomContext&) { return true; }

}  // namespace mine

void pinfeed_add_parts(pinfeed::Catalogs& catalogs) { catalogs.transforms.add<mine::Resize>(); }

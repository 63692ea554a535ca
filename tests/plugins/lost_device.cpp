// SPDX-License-Identifier: Apache-2.0
// A transform that reports a lost device at the thirteenth sample of the process.
#include <atomic>

#include "pinfeed/plugin.h"

namespace mine {

struct LosesTheDevice {
  static constexpr auto name = "LosesTheDevice";
};
void describe(pinfeed::Schema<LosesTheDevice>& schema) { schema.summary("Loses the device."); }
pinfeed::FieldUse fields(const LosesTheDevice&) { return {}; }
bool apply(const LosesTheDevice&, pinfeed::Sample&, pinfeed::RandomContext&) {
  static std::atomic<int> samples = 0;
  if (++samples != 13) return true;
  throw pinfeed::Error(pinfeed::ErrorKind::device,
                       "CUDA could not copy 4096 bytes: unspecified launch failure");
}

}  // namespace mine

void pinfeed_add_parts(pinfeed::Catalogs& catalogs) {
  catalogs.transforms.add<mine::LosesTheDevice>();
}

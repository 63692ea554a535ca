// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/input/batch_identity.h"

#include "pinfeed/inspect/digest.h"

namespace pinfeed {

BatchIdentity identity_of(Loader& loader, const LoaderState& position) {
  loader.seek(position);
  const std::optional<Batch> batch = loader.next();
  if (!batch) return {};
  BatchIdentity identity{.digest = digest(*batch)};
  for (const Sample& sample : batch->samples()) identity.files.emplace_back(sample.img_path);
  return identity;
}

}  // namespace pinfeed

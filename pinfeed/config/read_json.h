// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "pinfeed/config/value/value.h"

namespace pinfeed {

/// The object of a JSON config, every value with its span. Throws Error(config).
Dict read_json(const std::shared_ptr<const SourceText>& source);

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "pinfeed/config/value/value.h"

namespace pinfeed {

/// A JSON or YAML config with {{ _base_.a.b }}, which is no JSON or YAML, put in quotes.
std::shared_ptr<const SourceText> quoted_references(
    const std::shared_ptr<const SourceText>& source);

/// Replaces every string that is a {{ _base_.a.b }} as a whole by the value of the bases. Throws
/// Error(config) where they have none.
void resolve_references(Dict& own, const Dict& base);

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "pinfeed/config/value/value.h"

namespace pinfeed {

/// A YAML config, with the scalars that PyYAML knows: YAML 1.1, in which `on` is a bool and 1e-3 a
/// str (docs/specs/openmmlab-runtime.md, 4.6). Lists are lists, there are no tuples. Throws
/// Error(config) with the span.
Dict read_yaml(const std::shared_ptr<const SourceText>& source);

}  // namespace pinfeed

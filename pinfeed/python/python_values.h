// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <string>

#include "pinfeed/config/value/value.h"

namespace pinfeed::python {

/// The value as Python's objects: dict, list, tuple, str, int, float, bool, None. The name of a
/// class or function becomes a pinfeed.DottedName, which is a str.
nanobind::object object_of(const Value& value);

/// The inverse of object_of(). Numbers of numpy and paths are taken too. Where the object equals
/// `original`, the result is `original` with its spans. `path` names the object in errors:
/// "train_dataloader.batch_size". Throws Error(config) for an object that a config cannot have.
Value value_of(nanobind::handle object, const std::string& path, const Value* original = nullptr);

}  // namespace pinfeed::python

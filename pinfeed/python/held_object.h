// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <memory>

namespace pinfeed::python {

/// A reference to a Python object for memory that threads without the GIL use and release. The
/// last copy may be destroyed in any thread: the object is then put aside.
std::shared_ptr<void> held(nanobind::handle object);

/// Releases the objects that were put aside. Needs the GIL.
void release_held();

}  // namespace pinfeed::python

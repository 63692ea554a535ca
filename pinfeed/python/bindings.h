// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

namespace pinfeed::python {

namespace nb = nanobind;

// One function per topic. Each adds its functions and classes to the extension.
void bind_errors(nb::module_& module);
void bind_tensor(nb::module_& module);
void bind_batch(nb::module_& module);
void bind_config(nb::module_& module);
void bind_records(nb::module_& module);
void bind_loader(nb::module_& module);
void bind_schedule(nb::module_& module);
void bind_files(nb::module_& module);
void bind_reports(nb::module_& module);

}  // namespace pinfeed::python

// SPDX-License-Identifier: Apache-2.0
// The extension pinfeed._pinfeed. The classes that users see are in python/pinfeed/, above it.
#include "pinfeed/core/version.h"
#include "pinfeed/python/bindings.h"
#include "pinfeed/python/forked.h"

NB_MODULE(_pinfeed, module) {
  nanobind::set_leak_warnings(false);  // a loader of a forked process is never destroyed
  pinfeed::python::watch_forks();
  module.attr("__version__") = pinfeed::headers_version;
  pinfeed::python::bind_errors(module);
  pinfeed::python::bind_tensor(module);
  pinfeed::python::bind_batch(module);
  pinfeed::python::bind_config(module);
  pinfeed::python::bind_records(module);
  pinfeed::python::bind_loader(module);
  pinfeed::python::bind_schedule(module);
  pinfeed::python::bind_files(module);
  pinfeed::python::bind_reports(module);
}

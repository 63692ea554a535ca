// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <memory>

#include "pinfeed/core/tensor.h"

namespace pinfeed::python {

/// pinfeed.Tensor: a view of memory that `keeper` and the tensor's buffer keep. Views that Python
/// makes of it keep both too. All of them can be destroyed in any thread, in any order.
struct PythonTensor {
  Tensor tensor = {};
  std::shared_ptr<void> keeper = nullptr;
};

nanobind::object tensor_object(Tensor tensor, std::shared_ptr<void> keeper);

}  // namespace pinfeed::python

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "pinfeed/core/tensor.h"

namespace pinfeed {

/// The dtype of "torch.FloatStorage" and the like. No value for types that pinfeed does not have.
std::optional<DType> storage_dtype(std::string_view storage_type);
/// Whether a storage of this type is counted in bytes.
bool is_untyped_storage(std::string_view storage_type);
/// The dtype of "torch.float32" and the like. No value for other names.
std::optional<DType> torch_dtype_of(std::string_view name);
/// The dtype of numpy's "f4", "i8", "b1" and the like. No value for other types.
std::optional<DType> numpy_dtype_of(std::string_view name);
/// The name of a typed storage: "FloatStorage". Empty where torch has only untyped ones.
std::string_view storage_name(DType dtype);

}  // namespace pinfeed

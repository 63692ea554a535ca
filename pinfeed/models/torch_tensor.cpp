// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/torch_tensor.h"

#include <array>
#include <utility>
#include <vector>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

constexpr std::array<std::pair<DType, c10::ScalarType>, 17> dtypes = {{
    {DType::boolean, c10::ScalarType::Bool},
    {DType::uint8, c10::ScalarType::Byte},
    {DType::int16, c10::ScalarType::Short},
    {DType::int32, c10::ScalarType::Int},
    {DType::int64, c10::ScalarType::Long},
    {DType::float16, c10::ScalarType::Half},
    {DType::float32, c10::ScalarType::Float},
    {DType::float64, c10::ScalarType::Double},
    {DType::bfloat16, c10::ScalarType::BFloat16},
    {DType::int8, c10::ScalarType::Char},
    {DType::uint16, c10::ScalarType::UInt16},
    {DType::uint32, c10::ScalarType::UInt32},
    {DType::uint64, c10::ScalarType::UInt64},
    {DType::complex64, c10::ScalarType::ComplexFloat},
    {DType::complex128, c10::ScalarType::ComplexDouble},
    {DType::float8_e4m3fn, c10::ScalarType::Float8_e4m3fn},
    {DType::float8_e5m2, c10::ScalarType::Float8_e5m2},
}};

}  // namespace

c10::ScalarType torch_dtype(DType dtype) {
  for (const auto& [ours, theirs] : dtypes) {
    if (ours == dtype) return theirs;
  }
  throw Error(ErrorKind::bug, "a dtype that is not in the table");
}

DType pinfeed_dtype(c10::ScalarType dtype) {
  for (const auto& [ours, theirs] : dtypes) {
    if (theirs == dtype) return ours;
  }
  throw Error(ErrorKind::data,
              std::string("tensors of ") + c10::toString(dtype) + " are not supported");
}

at::Tensor to_torch(const Tensor& tensor, std::shared_ptr<void> owner) {
  const std::vector<std::int64_t> sizes(tensor.shape.begin(), tensor.shape.end());
  const std::vector<std::int64_t> strides(tensor.strides.begin(), tensor.strides.end());
  return at::from_blob(
      tensor.data(), sizes, strides, [bytes = tensor.buffer, owner = std::move(owner)](void*) {},
      at::TensorOptions(torch_dtype(tensor.dtype)));
}

Tensor from_torch(const at::Tensor& tensor) {
  Tensor view{.dtype = pinfeed_dtype(tensor.scalar_type())};
  for (const std::int64_t size : tensor.sizes()) view.shape.push_back(size);
  for (const std::int64_t stride : tensor.strides()) view.strides.push_back(stride);
  auto* data = static_cast<std::byte*>(tensor.data_ptr());
  view.buffer.bytes = std::shared_ptr<std::byte>(data, [tensor](std::byte*) {});
  view.buffer.size = tensor.nbytes();
  return view;
}

}  // namespace pinfeed

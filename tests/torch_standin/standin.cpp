// SPDX-License-Identifier: Apache-2.0
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/EmptyTensor.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <ATen/native/CPUFallback.h>
#include <ATen/native/Resize.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/set_native.h>
#include <ATen/ops/unfold_native.h>
#include <ATen/ops/view_native.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>
#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <mutex>
#include <string_view>

#include "tests/torch_standin/device_waits.h"
#include "tests/torch_standin/standin_memory.h"

namespace pinfeed {
namespace {

std::mutex mutex;
std::vector<std::string>* waits = nullptr;  // null: not counted
thread_local bool inside = false;           // an operation that runs on the CPU

// The file of $TORCH_STANDIN_WAITS, with a line for each wait; null without the variable.
std::ofstream* waits_file() {
  const char* path = std::getenv("TORCH_STANDIN_WAITS");
  static std::ofstream file(path != nullptr ? path : "");
  return path != nullptr ? &file : nullptr;
}

void count_wait(std::string_view name) {
  const std::lock_guard lock(mutex);
  if (inside) return;
  if (waits != nullptr) waits->emplace_back(name);
  if (std::ofstream* file = waits_file()) *file << name << std::endl;
}

void wait_for(std::string_view what);

struct Inside {
  bool before = std::exchange(inside, true);
  Inside() = default;
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  ~Inside() { inside = before; }
};

struct Guard final : c10::impl::NoOpDeviceGuardImpl<c10::kCUDA> {
  c10::Device exchangeDevice(c10::Device) const override { return gpu; }
  c10::Device getDevice() const override { return gpu; }
  c10::Stream getStream(c10::Device) const noexcept override {
    return c10::Stream(c10::Stream::DEFAULT, gpu);
  }
  c10::Stream exchangeStream(c10::Stream) const noexcept override { return getStream(gpu); }
  void record(void**, const c10::Stream&, const c10::DeviceIndex,
              const c10::EventFlag) const override {}
  void block(void*, const c10::Stream&) const override {}
  bool queryEvent(void*) const override { return true; }
  void synchronizeStream(const c10::Stream&) const override { wait_for("synchronize"); }
};

// Operations draw from the generator of the CPU; this one has a state to save and restore.
struct Generator final : at::CPUGeneratorImpl {
  Generator() {
    device_ = gpu;
    key_set_ = c10::DispatchKeySet(c10::DispatchKey::CUDA);
  }
};

struct Hooks final : at::CUDAHooksInterface {
  Hooks() = default;
  explicit Hooks(at::CUDAHooksArgs) {}
  void init() const override {}
  const at::Generator& getDefaultGenerator(c10::DeviceIndex) const override {
    static const at::Generator generator = at::make_generator<Generator>();
    return generator;
  }
  void deviceSynchronize(c10::DeviceIndex) const override { wait_for("synchronize"); }
  bool hasCUDA() const override { return true; }
  bool isBuilt() const override { return true; }
  bool isAvailable() const override { return true; }
  bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
  int getNumGPUs() const override { return 1; }
  c10::DeviceIndex deviceCount() const override { return 1; }
  c10::DeviceIndex current_device() const override { return 0; }
  c10::DeviceIndex getCurrentDevice() const override { return 0; }
  bool isPinnedPtr(const void* data) const override { return is_locked(data); }
  at::Allocator* getPinnedMemoryAllocator() const override { return locked_memory(); }
};

// The memory of a tensor as one of the CPU.
at::Tensor on_cpu(const at::Tensor& tensor) {
  if (tensor.is_cpu()) return tensor;
  return at::from_blob(tensor.data_ptr(), tensor.sizes(), tensor.strides(),
                       tensor.options().device(c10::kCPU));
}

at::Tensor empty(c10::IntArrayRef sizes, std::optional<at::ScalarType> type,
                 std::optional<at::Layout>, std::optional<at::Device>, std::optional<bool>,
                 std::optional<at::MemoryFormat> format) {
  return at::detail::empty_generic(sizes, device_memory(),
                                   c10::DispatchKeySet(c10::DispatchKey::CUDA),
                                   c10::dtype_or_default(type), format);
}

at::Tensor empty_strided(c10::IntArrayRef sizes, c10::IntArrayRef strides,
                         std::optional<at::ScalarType> type, std::optional<at::Layout>,
                         std::optional<at::Device>, std::optional<bool>) {
  return at::detail::empty_strided_generic(sizes, strides, device_memory(),
                                           c10::DispatchKeySet(c10::DispatchKey::CUDA),
                                           c10::dtype_or_default(type));
}

// A copy to page-locked memory that is made when the host waits.
struct LaterCopy {
  at::Tensor to = {};
  at::Tensor values = {};
};

std::vector<LaterCopy> later_copies;

void wait_for(std::string_view what) {
  count_wait(what);
  if (inside) return;
  const Inside guard;
  for (const LaterCopy& one : std::exchange(later_copies, {})) one.to.copy_(one.values);
}

at::Tensor& copy(at::Tensor& to, const at::Tensor& from, bool non_blocking) {
  if (to.is_cpu() != from.is_cpu() && to.numel() > 0 && !inside) {
    const bool asynchronous = non_blocking && is_locked((to.is_cpu() ? to : from).storage().data());
    if (!asynchronous) wait_for(to.is_cpu() ? "copy to host" : "copy to device");
    if (asynchronous && to.is_cpu()) {
      const Inside guard;
      later_copies.push_back({to, on_cpu(from).clone()});
      std::memset(to.data_ptr(), 0xFF, to.nbytes());
      return to;
    }
  }
  const Inside guard;
  on_cpu(to).copy_(on_cpu(from));
  return to;
}

at::Tensor copy_and_resize(const at::Tensor& from, const at::Tensor& to) {
  if (to.sizes() != from.sizes())
    at::native::resize_impl_cpu_(to.unsafeGetTensorImpl(), from.sizes(), std::nullopt);
  return copy(const_cast<at::Tensor&>(to), from, false);
}

const at::Tensor& resize(const at::Tensor& tensor, c10::IntArrayRef sizes,
                         std::optional<at::MemoryFormat>) {
  at::native::resize_impl_cpu_(tensor.unsafeGetTensorImpl(), sizes, std::nullopt);
  return tensor;
}

at::Scalar value_of(const at::Tensor& tensor) {
  wait_for("item");
  const Inside guard;
  return on_cpu(tensor).item();
}

// A list of tensors, as an argument.
void each_tensor(const c10::IValue& value, const std::function<void(const at::Tensor&)>& visit) {
  if (value.isTensor()) return visit(value.toTensor());
  if (value.isTensorList()) {
    for (const at::Tensor& tensor : value.toTensorVector()) visit(tensor);
  } else if (value.isOptionalTensorList()) {
    for (const std::optional<at::Tensor>& tensor : value.toOptionalTensorVector())
      if (tensor) visit(*tensor);
  }
}

// Operations whose result has a size that depends on values.
bool depends_on_values(std::string_view name) {
  constexpr std::array<std::string_view, 9> reading = {
      "aten::nonzero",  "aten::masked_select",     "aten::_unique2",
      "aten::equal",    "aten::unique_dim",        "aten::unique_consecutive",
      "aten::bincount", "aten::repeat_interleave", "aten::masked_scatter"};
  return std::find(reading.begin(), reading.end(), name) != reading.end();
}

// Operations without an entry of their own.
void run_on_cpu(const c10::OperatorHandle& operation, torch::jit::Stack* stack) {
  const std::string& name = operation.schema().name();
  const std::size_t count = operation.schema().arguments().size();
  const torch::jit::Stack arguments(stack->end() - static_cast<std::ptrdiff_t>(count),
                                    stack->end());
  for (const c10::IValue& argument : arguments) {
    each_tensor(argument, [&](const at::Tensor& tensor) {
      TORCH_CHECK(!tensor.defined() || !tensor.is_cpu() || tensor.dim() == 0, name,
                  ": a tensor of the host among those of the device");
    });
  }
  if (depends_on_values(name)) wait_for(name);
  const Inside guard;
  at::native::cpu_fallback(operation, stack);
}

C10_REGISTER_GUARD_IMPL(CUDA, Guard);
}  // namespace

TORCH_LIBRARY_IMPL(_, CUDA, library) {
  library.fallback(torch::CppFunction::makeFromBoxedFunction<&run_on_cpu>());
}

TORCH_LIBRARY_IMPL(aten, CUDA, library) {
  library.impl("empty.memory_format", TORCH_FN(empty));
  library.impl("empty_strided", TORCH_FN(empty_strided));
  library.impl("copy_", TORCH_FN(copy));
  library.impl("_copy_from_and_resize", TORCH_FN(copy_and_resize));
  library.impl("resize_", TORCH_FN(resize));
  library.impl("_local_scalar_dense", TORCH_FN(value_of));
  library.impl("as_strided", TORCH_FN(at::native::as_strided_tensorimpl));
  library.impl("view", TORCH_FN(at::native::view));
  library.impl("_reshape_alias", TORCH_FN(at::native::_reshape_alias));
  library.impl("unfold", TORCH_FN(at::native::unfold));
  library.impl("set_.source_Storage_storage_offset", TORCH_FN(at::native::set_storage_cpu_));
  // Composed of operations that torch chooses by what the device has.
  for (const char* name : {"convolution", "convolution_backward", "mse_loss", "native_batch_norm"})
    library.impl(name, torch::CppFunction::makeFromBoxedFunction<&run_on_cpu>());
}

DeviceWaits::DeviceWaits() {
  const std::lock_guard lock(mutex);
  waits = new std::vector<std::string>;
}

DeviceWaits::~DeviceWaits() {
  const std::lock_guard lock(mutex);
  delete std::exchange(waits, nullptr);
}

std::vector<std::string> DeviceWaits::so_far() {
  const std::lock_guard lock(mutex);
  return *waits;
}

}  // namespace pinfeed

namespace at {
namespace {

using CUDAHooks = pinfeed::Hooks;
REGISTER_CUDA_HOOKS(CUDAHooks);

}  // namespace
}  // namespace at

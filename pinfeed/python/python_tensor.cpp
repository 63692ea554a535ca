// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/python/python_tensor.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/python/bindings.h"
#include "pinfeed/python/dlpack_abi.h"

namespace pinfeed::python {
namespace {

DLDataType code_of(DType dtype) {
  const auto bits = static_cast<std::uint8_t>(8 * size_of(dtype));
  switch (dtype) {
    case DType::boolean: return {dlpack_bool, bits, 1};
    case DType::uint8:
    case DType::uint16:
    case DType::uint32:
    case DType::uint64: return {kDLUInt, bits, 1};
    case DType::int8:
    case DType::int16:
    case DType::int32:
    case DType::int64: return {kDLInt, bits, 1};
    case DType::float16:
    case DType::float32:
    case DType::float64: return {kDLFloat, bits, 1};
    case DType::bfloat16: return {kDLBfloat, bits, 1};
    case DType::complex64:
    case DType::complex128: return {dlpack_complex, bits, 1};
    case DType::float8_e4m3fn: return {dlpack_float8_e4m3fn, bits, 1};
    case DType::float8_e5m2: return {dlpack_float8_e5m2, bits, 1};
  }
  throw Error(ErrorKind::bug, "the dtype has no DLPack code");
}

// A struct of DLPack (Managed is one of its two) and what it refers to. The consumer calls the
// deleter once, in any thread, without the GIL.
template <class Managed>
struct Exported {
  explicit Exported(const PythonTensor& from) : tensor(from.tensor), keeper(from.keeper) {
    std::copy(tensor.shape.begin(), tensor.shape.end(), shape.begin());
    std::copy(tensor.strides.begin(), tensor.strides.end(), strides.begin());
    managed.dl_tensor = {tensor.data(),
                         {kDLCPU, 0},
                         tensor.shape.rank(),
                         code_of(tensor.dtype),
                         shape.data(),
                         strides.data(),
                         0};
    managed.manager_ctx = this;
    managed.deleter = [](Managed* self) { delete static_cast<Exported*>(self->manager_ctx); };
  }

  Managed managed = {};
  Tensor tensor;
  std::shared_ptr<void> keeper;
  std::array<std::int64_t, Shape::max_rank> shape = {};
  std::array<std::int64_t, Shape::max_rank> strides = {};
};

// A consumer renames the capsule, and then owns the struct.
template <class Managed>
nb::object capsule_of(std::unique_ptr<Exported<Managed>> exported, const char* name) {
  PyObject* capsule = PyCapsule_New(&exported->managed, name, [](PyObject* self) {
    const char* current = PyCapsule_GetName(self);
    if (current == nullptr || std::strncmp(current, "dltensor", 8) != 0) return;
    auto* managed = static_cast<Managed*>(PyCapsule_GetPointer(self, current));
    managed->deleter(managed);
  });
  if (capsule == nullptr) throw nb::python_error();
  exported.release();  // NOLINT(bugprone-unused-return-value): the capsule owns it
  return nb::steal(capsule);
}

[[noreturn]] void throw_buffer_error(const char* text) {
  PyErr_SetString(PyExc_BufferError, text);
  throw nb::python_error();
}

PythonTensor copy_of(const PythonTensor& self) {
  PythonTensor copy{.tensor = Tensor::empty(self.tensor.dtype, self.tensor.shape)};
  copy_contiguous(self.tensor, copy.tensor.data());
  return copy;
}

using Pair = std::pair<int, int>;

Pair pair_of(nb::handle object) {
  if (object.is_none()) return {0, 0};
  return {nb::cast<int>(object[0]), nb::cast<int>(object[1])};
}

nb::object dlpack(const PythonTensor& self, nb::handle, nb::handle max_version, nb::handle device,
                  std::optional<bool> copy) {
  if (!device.is_none() && pair_of(device) != Pair(kDLCPU, 0)) {
    throw_buffer_error("a pinfeed.Tensor is in the memory of the CPU: copy it to the device");
  }
  const PythonTensor from = copy.value_or(false) ? copy_of(self) : self;
  if (pair_of(max_version).first < static_cast<int>(dlpack_major)) {
    return capsule_of(std::make_unique<Exported<DLManagedTensor>>(from), "dltensor");
  }
  return capsule_of(std::make_unique<Exported<VersionedTensor>>(from), "dltensor_versioned");
}

nb::tuple tuple_of(const Shape& sizes) {
  nb::list list;
  for (const std::int64_t size : sizes) list.append(size);
  return nb::tuple(list);
}

nb::object numpy_view(nb::handle self) {
  const nb::module_ numpy = nb::module_::import_("numpy");
  return numpy.attr("from_dlpack")(self);
}

nb::object numpy_array(nb::handle self, nb::handle dtype, std::optional<bool> copy) {
  nb::object view = numpy_view(self);
  const bool same = dtype.is_none() ||
                    view.attr("dtype").equal(nb::module_::import_("numpy").attr("dtype")(dtype));
  if (!same && copy == std::optional<bool>(false)) {
    PyErr_SetString(PyExc_ValueError, "another dtype needs a copy");
    throw nb::python_error();
  }
  if (!same) return view.attr("astype")(dtype);
  return copy.value_or(false) ? view.attr("copy")() : view;
}

std::string repr(const PythonTensor& self) {
  const std::string shape = to_string(self.tensor.shape);
  return "pinfeed.Tensor(shape=" + shape + ", dtype=" + pinfeed::name_of(self.tensor.dtype) + ")";
}

std::int64_t length(const PythonTensor& self) {
  if (self.tensor.shape.rank() > 0) return self.tensor.shape[0];
  PyErr_SetString(PyExc_TypeError, "len() of a tensor without axes");
  throw nb::python_error();
}

}  // namespace

nb::object tensor_object(Tensor tensor, std::shared_ptr<void> keeper) {
  return nb::cast(PythonTensor{std::move(tensor), std::move(keeper)});
}

void bind_tensor(nb::module_& module) {
  nb::class_<PythonTensor>(
      module, "Tensor",
      "A tensor of a batch or of a file of weights, in the memory of the CPU. numpy.asarray(), "
      "torch.from_dlpack() and jax.dlpack.from_dlpack() make arrays of it without a copy. The "
      "memory of its batch is used again when the last of these views is gone.")
      .def_prop_ro(
          "shape", [](const PythonTensor& self) { return tuple_of(self.tensor.shape); },
          "The sizes of the axes.")
      .def_prop_ro(
          "strides", [](const PythonTensor& self) { return tuple_of(self.tensor.strides); },
          "The strides of the axes, in elements.")
      .def_prop_ro(
          "dtype", [](const PythonTensor& self) { return pinfeed::name_of(self.tensor.dtype); },
          "The name of the type of the elements: 'uint8', 'float32', 'int64', 'bool', ...")
      .def_prop_ro(
          "ndim", [](const PythonTensor& self) { return self.tensor.shape.rank(); },
          "The number of axes.")
      .def_prop_ro(
          "nbytes", [](const PythonTensor& self) { return self.tensor.bytes(); },
          "The bytes of the elements.")
      .def_prop_ro(
          "pinned",
          [](const PythonTensor& self) { return self.tensor.buffer.kind == MemoryKind::pinned; },
          "Whether the memory is page-locked, for quick copies to a GPU.")
      .def("numpy", &numpy_view, "A numpy array over the same memory.",
           nb::sig("def numpy(self) -> numpy.ndarray"))
      .def("copy", &copy_of, "A tensor with memory of its own, row-major.")
      .def("__array__", &numpy_array, nb::arg("dtype") = nb::none(), nb::arg("copy") = nb::none(),
           nb::sig("def __array__(self, dtype: object = None, copy: bool | None = None) -> "
                   "numpy.ndarray"))
      .def("__dlpack__", &dlpack, nb::kw_only(), nb::arg("stream") = nb::none(),
           nb::arg("max_version") = nb::none(), nb::arg("dl_device") = nb::none(),
           nb::arg("copy") = nb::none(),
           nb::sig("def __dlpack__(self, *, stream: object = None, max_version: tuple[int, int] | "
                   "None = None, dl_device: tuple[int, int] | None = None, copy: bool | None = "
                   "None) -> object"))
      .def(
          "__dlpack_device__", [](const PythonTensor&) { return nb::make_tuple(int{kDLCPU}, 0); },
          nb::sig("def __dlpack_device__(self) -> tuple[int, int]"))
      .def("__len__", &length)
      .def("__repr__", &repr);
}

}  // namespace pinfeed::python

// SPDX-License-Identifier: Apache-2.0
// The tensors of torch and the arrays and scalars of numpy in a pickle.
#include <algorithm>
#include <cstring>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/formats/weights/pickle_calls.h"
#include "pinfeed/formats/weights/pickle_types.h"

namespace pinfeed {
namespace {

// The dtype of a numpy.dtype object: its arguments are the type and a state with the byte order.
std::optional<DType> numpy_dtype(const PickleTree& tree, const PickleNode& node) {
  if (node.kind != PickleKind::object || node.text != "numpy.dtype" || node.arguments.empty()) {
    return std::nullopt;
  }
  const PickleNode& state = tree[node.arguments.back()];
  if (state.kind == PickleKind::tuple && state.items.size() > 1 &&
      tree[state.items[1]].text == ">") {
    return std::nullopt;
  }
  return numpy_dtype_of(tree[node.arguments[0]].text);
}

Shape column_major_strides(const Shape& shape) {
  Shape strides = shape;
  std::int64_t step = 1;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    strides[axis] = step;
    step *= shape[axis];
  }
  return strides;
}

// The number of elements; no value if it does not fit 63 bits.
std::optional<std::int64_t> checked_elements(const Shape& shape) {
  std::int64_t product = 1;
  for (const std::int64_t size : shape) {
    if (__builtin_mul_overflow(product, size, &product)) return std::nullopt;
  }
  return product;
}

template <class T>
T read_value(std::string_view bytes) {
  T value = {};
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

// A number of a type that Python has. `bytes` has its size.
std::optional<PickleNode> number_of(DType dtype, std::string_view bytes) {
  using Kind = PickleKind;
  const auto integer = [](std::int64_t value) {
    return PickleNode{.kind = Kind::integer, .integer = value};
  };
  switch (dtype) {
    case DType::boolean: return PickleNode{.kind = Kind::boolean, .integer = bytes[0] != 0 ? 1 : 0};
    case DType::uint8: return integer(read_value<std::uint8_t>(bytes));
    case DType::int8: return integer(read_value<std::int8_t>(bytes));
    case DType::int16: return integer(read_value<std::int16_t>(bytes));
    case DType::int32: return integer(read_value<std::int32_t>(bytes));
    case DType::int64: return integer(read_value<std::int64_t>(bytes));
    case DType::float32: return PickleNode{.kind = Kind::real, .real = read_value<float>(bytes)};
    case DType::float64: return PickleNode{.kind = Kind::real, .real = read_value<double>(bytes)};
    default: return std::nullopt;
  }
}

}  // namespace

Shape PickleCalls::shape_of(const PickleNode& sizes) const {
  if (sizes.kind != PickleKind::tuple && sizes.kind != PickleKind::list) {
    throw damaged_pickle("the shape of a tensor is not a tuple");
  }
  Shape shape;
  for (const std::uint32_t index : sizes.items) {
    const PickleNode& size = (*tree_)[index];
    if (size.kind != PickleKind::integer || size.is_long || size.integer < 0) {
      throw damaged_pickle("a size or stride of a tensor is not a number >= 0");
    }
    shape.push_back(size.integer);
  }
  return shape;
}

std::uint32_t PickleCalls::tensor_of(std::uint32_t arguments, std::optional<DType> dtype) {
  const PickleNode& storage = argument(arguments, 0);
  const PickleNode& offset = argument(arguments, 1);
  if (storage.kind == PickleKind::object) return object("torch.Tensor", arguments);
  if (storage.kind != PickleKind::storage || offset.kind != PickleKind::integer ||
      offset.integer < 0) {
    throw damaged_pickle("a tensor without a storage or with an offset below 0");
  }
  PickleTensor tensor{.storage = static_cast<std::size_t>(storage.integer),
                      .offset = offset.integer,
                      .shape = shape_of(argument(arguments, 2)),
                      .strides = shape_of(argument(arguments, 3))};
  const auto stored = tree_->storages[tensor.storage].dtype;
  if (!dtype && !stored) throw damaged_pickle("a tensor of an untyped storage has no dtype");
  tensor.dtype = dtype ? *dtype : *stored;
  if (tensor.shape.rank() != tensor.strides.rank()) {
    throw damaged_pickle("a tensor with another number of strides than sizes");
  }
  tree_->tensors.push_back(tensor);
  return add({.kind = PickleKind::tensor,
              .integer = static_cast<std::int64_t>(tree_->tensors.size() - 1)});
}

std::uint32_t PickleCalls::tensor(std::uint32_t arguments) {
  return tensor_of(arguments, std::nullopt);
}

std::uint32_t PickleCalls::typed_tensor(std::uint32_t arguments) {
  const auto dtype = torch_dtype_of(argument(arguments, 6).text);
  return dtype ? tensor_of(arguments, dtype) : object("torch.Tensor", arguments);
}

std::optional<PickleNode> PickleCalls::array_of(const PickleNode& dtype, const PickleNode& shape,
                                                bool fortran, const PickleNode& bytes) {
  const auto type = numpy_dtype(*tree_, dtype);
  if (!type || bytes.kind != PickleKind::bytes) return std::nullopt;
  PickleTensor tensor{.dtype = *type, .storage = tree_->storages.size(), .shape = shape_of(shape)};
  const auto elements = checked_elements(tensor.shape);
  const std::size_t stored = bytes.text.size() / size_of(*type);
  if (!elements || static_cast<std::size_t>(*elements) != stored ||
      bytes.text.size() % size_of(*type) != 0) {
    throw damaged_pickle("a numpy array has another size than its shape");
  }
  tensor.strides = fortran ? column_major_strides(tensor.shape) : contiguous_strides(tensor.shape);
  tree_->storages.push_back(
      {.bytes = std::as_bytes(std::span(bytes.text)), .dtype = *type, .elements = *elements});
  tree_->tensors.push_back(tensor);
  return PickleNode{.kind = PickleKind::tensor,
                    .integer = static_cast<std::int64_t>(tree_->tensors.size() - 1)};
}

// The array is filled by set_state().
std::uint32_t PickleCalls::numpy_array(std::uint32_t arguments) {
  return object("numpy.ndarray", arguments);
}

std::uint32_t PickleCalls::numpy_buffer(std::uint32_t arguments) {
  const bool fortran = argument(arguments, 3).text == "F";
  auto array =
      array_of(argument(arguments, 1), argument(arguments, 2), fortran, argument(arguments, 0));
  return array ? add(std::move(*array)) : object("numpy.ndarray", arguments);
}

std::uint32_t PickleCalls::numpy_scalar(std::uint32_t arguments) {
  const auto dtype = numpy_dtype(*tree_, argument(arguments, 0));
  const PickleNode& bytes = argument(arguments, 1);
  if (!dtype || bytes.kind != PickleKind::bytes) return object("numpy.generic", arguments);
  if (bytes.text.size() != size_of(*dtype)) throw damaged_pickle("a numpy scalar of another size");
  auto number = number_of(*dtype, bytes.text);
  return number ? add(std::move(*number)) : object("numpy.generic", arguments);
}

}  // namespace pinfeed

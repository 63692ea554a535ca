// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/python/batch_nest.h"

#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/python/batch_element.h"
#include "pinfeed/python/python_masks.h"
#include "pinfeed/python/python_tensor.h"
#include "pinfeed/python/python_text.h"

namespace pinfeed::python {
namespace nb = nanobind;
namespace {

nb::object checked(PyObject* made) {
  if (made == nullptr) throw nb::python_error();
  return nb::steal(made);
}

// Classes of DataContainer and named tuples are Python's.
nb::object nest_function(const char* name) {
  return nb::module_::import_("pinfeed._nest").attr(name);
}

}  // namespace

nb::object BatchNest::object(const TreeNode& node) const {
  return std::visit([this](const auto& value) { return leaf(value); }, node.value);
}

nb::object BatchNest::leaf(const NoneNode&) const { return nb::none(); }
nb::object BatchNest::leaf(bool value) const { return nb::bool_(value); }
nb::object BatchNest::leaf(std::int64_t value) const { return nb::int_(value); }
nb::object BatchNest::leaf(double value) const { return nb::float_(value); }
nb::object BatchNest::leaf(const Text& value) const { return text_object(value); }

// Tensors that are not in the slot have bytes in the arena of the batch.
nb::object BatchNest::leaf(const Tensor& value) const {
  if (owner_) return tensor_object(value, owner_);
  Tensor copy = value;
  const std::byte* begin = slot_.data();
  const bool in_slot = value.buffer.data() == begin && !value.buffer.empty();
  if (in_slot) {
    copy.buffer = copied_;
  } else {
    copy = Tensor::empty(value.dtype, value.shape);
    copy_contiguous(value, copy.data());
  }
  return tensor_object(std::move(copy), nullptr);
}

nb::object BatchNest::leaf(const image::ImageExpr&) const {
  throw Error(ErrorKind::bug, "a batch has an image that is not rendered");
}

nb::object BatchNest::leaf(const ListNode& value) const {
  nb::object list = checked(PyList_New(std::ssize(value.items)));
  Py_ssize_t i = 0;
  for (const TreeNode& item : value.items)
    PyList_SetItem(list.ptr(), i++, object(item).release().ptr());
  return list;
}

nb::object BatchNest::leaf(const TupleNode& value) const {
  nb::object tuple = checked(PyTuple_New(std::ssize(value.items)));
  Py_ssize_t i = 0;
  for (const TreeNode& item : value.items)
    PyTuple_SetItem(tuple.ptr(), i++, object(item).release().ptr());
  return tuple;
}

nb::dict BatchNest::dict(const std::pmr::vector<Text>& keys, const TreeNodes& values) const {
  nb::dict made;
  for (std::size_t i = 0; i < keys.size(); ++i) made[text_object(keys[i])] = object(values[i]);
  return made;
}

nb::object BatchNest::leaf(const MapNode& value) const { return dict(value.keys, value.values); }

nb::object BatchNest::leaf(const NamedTupleNode& value) const {
  return nest_function("named_tuple")(text_object(value.type), dict(value.keys, value.values));
}

nb::object BatchNest::leaf(const DataContainerNode& value) const {
  const nb::object pad_dims =
      value.pad_dims == 0 ? nb::none() : nb::object(nb::int_(value.pad_dims));
  return nest_function("DataContainer")(object(value.data.front()), value.stack,
                                        value.padding_value, value.cpu_only, pad_dims);
}

nb::object BatchNest::leaf(const ElementNode& value) const {
  if (owner_) return nb::cast(Element(value, owner_));
  return nb::cast(Element(std::string(value.type), dict(value.keys, value.values)));
}

nb::object BatchNest::leaf(const Masks& value) const {
  return owner_ ? nb::cast(PythonMasks(value, owner_)) : nb::cast(PythonMasks(value, nullptr));
}

}  // namespace pinfeed::python

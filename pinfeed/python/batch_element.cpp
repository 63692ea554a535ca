// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/python/batch_element.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "pinfeed/python/batch_nest.h"
#include "pinfeed/python/bindings.h"
#include "pinfeed/python/python_masks.h"
#include "pinfeed/python/python_tensor.h"

namespace pinfeed::python {

nb::dict& Element::fields() {
  if (fields_.is_valid()) return fields_;
  if (node_ == nullptr) {
    fields_ = nb::dict();
    return fields_;
  }
  fields_ = BatchNest(owner_).dict(node_->keys, node_->values);
  node_ = nullptr;
  owner_.reset();  // what is in the dict keeps the batch
  return fields_;
}

namespace {

// An element may be in its own fields: Python's garbage collector has to know them.
int visit_fields(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  if (!nb::inst_ready(self)) return 0;
  Py_VISIT(nb::inst_ptr<Element>(self)->made_fields());
  return 0;
}

int clear_fields(PyObject* self) {
  if (nb::inst_ready(self)) nb::inst_ptr<Element>(self)->clear();
  return 0;
}

PyType_Slot element_slots[] = {  // NOLINT: the type that nanobind takes
    {Py_tp_traverse, reinterpret_cast<void*>(visit_fields)},
    {Py_tp_clear, reinterpret_cast<void*>(clear_fields)},
    {0, nullptr}};

nb::object item(Element& self, nb::handle key) { return self.fields()[key]; }

// Fields are attributes too, as those of mmengine's elements.
nb::object attribute(Element& self, const nb::str& name) {
  PyObject* found = PyDict_GetItemWithError(self.fields().ptr(), name.ptr());
  if (found != nullptr) return nb::borrow(found);
  if (PyErr_Occurred() == nullptr) {
    const std::string text = self.type() + " has no field '" + name.c_str() + "'";
    PyErr_SetString(PyExc_AttributeError, text.c_str());
  }
  throw nb::python_error();
}

nb::object get(Element& self, nb::handle key, nb::handle otherwise) {
  return self.fields().attr("get")(key, otherwise);
}

std::string repr(Element& self) {
  return self.type() + "(" + nb::cast<std::string>(nb::repr(self.fields())) + ")";
}

void bind_masks(nb::module_& module) {
  nb::class_<PythonMasks>(module, "Masks",
                          "The masks of the objects of a sample: bitmaps, or polygons.")
      .def_prop_ro("is_polygons", &PythonMasks::polygons,
                   "Whether the masks are polygons, as mmdet's PolygonMasks.")
      .def_prop_ro(
          "height", [](const PythonMasks& self) { return self.size().height; },
          "The rows of each mask.")
      .def_prop_ro(
          "width", [](const PythonMasks& self) { return self.size().width; },
          "The columns of each mask.")
      .def_prop_ro("polygons", &PythonMasks::corners,
                   "For each object the x, y, x, y, ... of its parts; empty for bitmaps.")
      .def(
          "to_tensor", [](PythonMasks& self) { return tensor_object(self.pixels(), nullptr); },
          "The pixels: (N, H, W) uint8, 0 or 1.", nb::sig("def to_tensor(self) -> Tensor"))
      .def("__len__", &PythonMasks::count);
}

}  // namespace

void bind_batch(nb::module_& module) {
  bind_masks(module);
  nb::class_<Element>(module, "Element", nb::type_slots(element_slots),
                      "An object such as a DetDataSample: a mapping of its fields, which are "
                      "attributes too.")
      .def(nb::init<std::string, nb::dict>(), nb::arg("type"), nb::arg("fields"))
      .def_prop_ro("type", &Element::type, "The name of the class in OpenMMLab.")
      .def(
          "to_dict", [](Element& self) { return nb::dict(self.fields()); }, "The fields as a dict.")
      .def("__getitem__", &item)
      .def("__setitem__",
           [](Element& self, nb::handle key, nb::handle value) { self.fields()[key] = value; })
      .def("__getattr__", &attribute)
      .def("__contains__",
           [](Element& self, nb::handle key) { return self.fields().contains(key); })
      .def(
          "__iter__", [](Element& self) { return nb::iter(self.fields()); },
          nb::sig("def __iter__(self) -> collections.abc.Iterator[str]"))
      .def("__len__", [](Element& self) { return self.fields().size(); })
      .def(
          "keys", [](Element& self) { return self.fields().keys(); }, "The names of the fields.")
      .def(
          "values", [](Element& self) { return self.fields().values(); },
          "The values of the fields.")
      .def(
          "items", [](Element& self) { return self.fields().items(); },
          "The names and values of the fields.")
      .def("get", &get, nb::arg("key"), nb::arg("default") = nb::none(),
           "The value of a field, or the default.")
      .def("__repr__", &repr);
}

}  // namespace pinfeed::python

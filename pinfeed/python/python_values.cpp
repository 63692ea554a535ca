// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/python/python_values.h"

#include <nanobind/stl/string.h>

#include <utility>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/python/python_text.h"

namespace pinfeed::python {
namespace nb = nanobind;
namespace {

nb::object dotted_name_class() {
  return nb::module_::import_("pinfeed._config").attr("DottedName");
}

nb::object dict_of(const Dict& dict) {
  nb::dict made;
  for (const Dict::Entry& entry : dict.entries()) {
    const nb::object key = entry.key.integer ? nb::object(nb::int_(std::stoll(entry.key.text)))
                                             : text_object(entry.key.text);
    made[key] = object_of(entry.value);
  }
  return made;
}

nb::list list_of(const std::vector<Value>& items) {
  nb::list made;
  for (const Value& item : items) made.append(object_of(item));
  return made;
}

std::string class_of(nb::handle object) {
  return nb::cast<std::string>(nb::str(object.type().attr("__name__")));
}

bool has(nb::handle object, const char* method) {
  return PyObject_HasAttrString(object.ptr(), method) != 0;
}

std::int64_t integer_of(nb::handle object, const std::string& path) {
  const nb::object index = nb::steal(PyNumber_Index(object.ptr()));
  if (!index.is_valid()) {  // an array
    PyErr_Clear();
    throw Error(ErrorKind::config,
                "the value is a " + class_of(object) + ", which a config cannot have")
        .inside(path);
  }
  int overflow = 0;
  const std::int64_t number = PyLong_AsLongLongAndOverflow(index.ptr(), &overflow);
  if (overflow == 0) return number;
  throw Error(ErrorKind::config, "the number does not fit into 64 bits").inside(path);
}

Key key_of(nb::handle key, const std::string& path) {
  if (PyUnicode_Check(key.ptr())) return {text_of(key)};
  if (PyLong_Check(key.ptr()) && !PyBool_Check(key.ptr()))
    return {std::to_string(integer_of(key, path)), true};
  throw Error(ErrorKind::config, "a key is a " + class_of(key) + "; it must be a str or an int")
      .inside(path);
}

// Where the key is written; of a new key, where its dict is.
SourceSpan span_of(const Value* original, const Key& key) {
  if (original == nullptr || !original->is_dict()) return {};
  for (const Dict::Entry& entry : original->dict().entries()) {
    if (entry.key == key) return entry.span;
  }
  return original->span();
}

// A mapping that is not a dict, such as a Config, has keys() and items().
Value dict_value(nb::handle object, const std::string& path, const Value* original) {
  Dict dict;
  const nb::object items =
      PyDict_Check(object.ptr()) ? nb::borrow(object) : nb::object(object.attr("items")());
  const nb::object pairs =
      PyDict_Check(object.ptr()) ? nb::steal(PyDict_Items(items.ptr())) : items;
  for (const nb::handle pair : pairs) {
    const Key key = key_of(pair[0], path);
    const Value* found =
        original != nullptr && original->is_dict() ? original->dict().find(key) : nullptr;
    const std::string inner = path.empty() ? key.text : path + "." + key.text;
    dict.set(key, value_of(pair[1], inner, found), span_of(original, key));
  }
  return dict;
}

std::vector<Value> items_value(nb::handle object, const std::string& path, const Value* original) {
  std::vector<Value> items;
  for (const nb::handle item : object) {
    const std::size_t i = items.size();
    const bool known =
        original != nullptr && original->is_sequence() && i < original->items().size();
    items.push_back(value_of(item, path + "[" + std::to_string(i) + "]",
                             known ? &original->items()[i] : nullptr));
  }
  return items;
}

Value scalar_value(nb::handle object, const std::string& path) {
  if (object.is_none()) return {};
  if (PyBool_Check(object.ptr())) return object.ptr() == Py_True;
  if (PyLong_Check(object.ptr())) return integer_of(object, path);
  if (PyFloat_Check(object.ptr())) return PyFloat_AsDouble(object.ptr());
  if (PyUnicode_Check(object.ptr())) {
    return nb::isinstance(object, dotted_name_class()) ? Value(DottedName{text_of(object)})
                                                       : Value(text_of(object));
  }
  if (class_of(object) == "bool_" || class_of(object) == "bool")
    return PyObject_IsTrue(object.ptr()) == 1;
  if (has(object, "__index__")) return integer_of(object, path);
  if (has(object, "__fspath__")) return text_of(object);
  if (has(object, "__float__") && !has(object, "__len__"))
    return nb::cast<double>(nb::float_(nb::borrow(object)));
  throw Error(ErrorKind::config,
              "the value is a " + class_of(object) + ", which a config cannot have")
      .inside(path);
}

}  // namespace

nb::object object_of(const Value& value) {
  if (value.is_none()) return nb::none();
  if (value.is_bool()) return nb::bool_(value.boolean());
  if (value.is_int()) return nb::int_(value.integer());
  if (value.is_float()) return nb::float_(value.real());
  if (value.is_string()) return text_object(value.string());
  if (value.is_list()) return list_of(value.items());
  if (value.is_tuple()) return nb::tuple(list_of(value.items()));
  if (value.is_dict()) return dict_of(value.dict());
  return dotted_name_class()(text_object(value.dotted_name()->name));
}

Value value_of(nb::handle object, const std::string& path, const Value* original) {
  Value made;
  if (PyList_Check(object.ptr())) {
    made = List{items_value(object, path, original)};
  } else if (PyTuple_Check(object.ptr())) {
    made = Tuple{items_value(object, path, original)};
  } else if (PyDict_Check(object.ptr()) || has(object, "items")) {
    made = dict_value(object, path, original);
  } else {
    made = scalar_value(object, path);
  }
  if (original != nullptr && *original == made) return *original;
  // A container with changes is still the one that is written there.
  if (original != nullptr && (made.is_dict() || made.is_sequence()) &&
      made.kind_name() == original->kind_name())
    made.set_span(original->span());
  return made;
}

}  // namespace pinfeed::python

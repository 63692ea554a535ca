// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <string_view>

namespace pinfeed::python {

/// A str. Bytes that are not UTF-8, as names of files may have, become surrogates, as those of
/// os.listdir(). Throws the exception of Python.
inline nanobind::object text_object(std::string_view text) {
  return nanobind::steal(
      PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "surrogateescape"));
}

/// The text of a str, bytes or path object; the inverse of text_object(). Throws the exception of
/// Python for other types.
inline std::string text_of(nanobind::handle object) {
  PyObject* bytes = nullptr;
  if (PyUnicode_FSConverter(object.ptr(), &bytes) == 0) throw nanobind::python_error();
  const nanobind::object owner = nanobind::steal(bytes);
  return {PyBytes_AsString(bytes), static_cast<std::size_t>(PyBytes_Size(bytes))};
}

}  // namespace pinfeed::python

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/python/python_errors.h"

#include <exception>
#include <string>

#include "pinfeed/python/bindings.h"
#include "pinfeed/python/python_text.h"

namespace pinfeed::python {
namespace {

const char* name_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::config: return "config";
    case ErrorKind::data: return "data";
    case ErrorKind::device: return "device";
    case ErrorKind::system: return "system";
    case ErrorKind::interrupted: return "interrupted";
    case ErrorKind::bug: break;
  }
  return "bug";
}

nb::object source_of(const SourceSpan& span) {
  if (!span.known()) return nb::none();
  return nb::make_tuple(text_object(span.source->name), span.line, span.column);
}

void raise(const std::exception_ptr& thrown, void*) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Error& error) {
    const nb::object exception = exception_of(error);
    PyErr_SetObject(exception.type().ptr(), exception.ptr());
  }
}

}  // namespace

nb::object exception_of(const Error& error) {
  nb::list context;
  for (const ErrorContext& entry : error.context()) context.append(text_object(phrase_of(entry)));
  std::string printed = error.message();
  while (printed.ends_with('\n')) printed.pop_back();
  return nb::module_::import_("pinfeed._error")
      .attr("Error")(name_of(error.kind()), text_object(error.text()), nb::tuple(context),
                     text_object(error.advice()), exit_code(error.kind()), text_object(printed),
                     source_of(error.span()), text_object(error.config_path()));
}

std::string exception_text(const nb::python_error& error) {
  const std::string type = nb::cast<std::string>(nb::str(error.type().attr("__name__")));
  return type + ": " + nb::cast<std::string>(nb::str(error.value()));
}

void bind_errors(nb::module_&) { nb::register_exception_translator(raise); }

}  // namespace pinfeed::python

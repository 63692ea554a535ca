// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/config/convert.h"

#include <limits>

namespace pinfeed {

std::string last_step(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string::npos ? path : path.substr(dot + 1);
}

Error wrong_type(const Value& value, const std::string& path, const std::string& wanted) {
  const std::string what = value.is_none() ? "None" : value.kind_name() + " " + repr(value);
  return Error(ErrorKind::config, last_step(path) + " must be " + wanted + ", not " + what)
      .at(value.span())
      .inside(path);
}

bool Converter<bool>::from(const Value& value, const std::string& path) {
  if (!value.is_bool()) throw wrong_type(value, path, wanted());
  return value.boolean();
}

std::int64_t Converter<std::int64_t>::from(const Value& value, const std::string& path) {
  if (!value.is_int()) throw wrong_type(value, path, wanted());
  return value.integer();
}

int Converter<int>::from(const Value& value, const std::string& path) {
  const std::int64_t wide = convert<std::int64_t>(value, path);
  if (wide < std::numeric_limits<int>::min() || wide > std::numeric_limits<int>::max()) {
    throw Error(ErrorKind::config, last_step(path) + " is " + std::to_string(wide) +
                                       "; it must be between -2147483648 and 2147483647")
        .at(value.span())
        .inside(path);
  }
  return static_cast<int>(wide);
}

double Converter<double>::from(const Value& value, const std::string& path) {
  if (value.is_int()) return static_cast<double>(value.integer());
  if (!value.is_float()) throw wrong_type(value, path, wanted());
  return value.real();
}

std::string Converter<std::string>::from(const Value& value, const std::string& path) {
  if (!value.is_string()) throw wrong_type(value, path, wanted());
  return value.string();
}

Size Converter<Size>::from(const Value& value, const std::string& path) {
  if (!value.is_sequence() || value.items().size() != 2) throw wrong_type(value, path, wanted());
  return {convert<int>(value.items()[0], path + "[0]"),
          convert<int>(value.items()[1], path + "[1]")};
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/tensor_element.h"

#include <cstdint>
#include <cstring>

#include "pinfeed/core/error.h"
#include "pinfeed/core/float16.h"

namespace pinfeed {
namespace {

template <class T>
double read_as(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return static_cast<double>(value);
}

template <class T>
void write_as(double number, std::byte* to) {
  const T value = static_cast<T>(number);
  std::memcpy(to, &value, sizeof value);
}

Error no_number(DType dtype) {
  return {ErrorKind::bug, "elements of " + name_of(dtype) + " are not single numbers"};
}

}  // namespace

double read_number(DType dtype, const std::byte* from) {
  switch (dtype) {
    case DType::boolean:
    case DType::uint8: return read_as<std::uint8_t>(from);
    case DType::int8: return read_as<std::int8_t>(from);
    case DType::int16: return read_as<std::int16_t>(from);
    case DType::uint16: return read_as<std::uint16_t>(from);
    case DType::uint32: return read_as<std::uint32_t>(from);
    case DType::uint64: return read_as<std::uint64_t>(from);
    case DType::int32: return read_as<std::int32_t>(from);
    case DType::int64: return read_as<std::int64_t>(from);
    case DType::float32: return read_as<float>(from);
    case DType::float64: return read_as<double>(from);
    case DType::float16:
    case DType::bfloat16: break;
    default: throw no_number(dtype);
  }
  std::uint16_t bits = 0;
  std::memcpy(&bits, from, sizeof bits);
  return dtype == DType::float16 ? from_half(bits) : from_bfloat16(bits);
}

void write_number(DType dtype, double number, std::byte* to) {
  switch (dtype) {
    case DType::boolean: return write_as<std::uint8_t>(number != 0.0 ? 1.0 : 0.0, to);
    case DType::uint8: return write_as<std::uint8_t>(number, to);
    case DType::int16: return write_as<std::int16_t>(number, to);
    case DType::int32: return write_as<std::int32_t>(number, to);
    case DType::int64: return write_as<std::int64_t>(number, to);
    case DType::float32: return write_as<float>(number, to);
    case DType::float64: return write_as<double>(number, to);
    case DType::float16:
    case DType::bfloat16: break;
    default: throw no_number(dtype);
  }
  const std::uint16_t bits = dtype == DType::float16 ? to_half(number) : to_bfloat16(number);
  std::memcpy(to, &bits, sizeof bits);
}

}  // namespace pinfeed

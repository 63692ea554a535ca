// SPDX-License-Identifier: Apache-2.0
// Error messages about bad images.
#pragma once

#include <gtest/gtest.h>

#include "pinfeed/core/error.h"
#include "pinfeed/image/codec/codec.h"
#include "tests/image/pixels.h"

namespace pinfeed::image {

using Text = std::vector<std::byte>;

inline Text operator+(const std::string& text, const Text& rest) {
  Text bytes = rest;
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  bytes.insert(bytes.begin(), first, first + text.size());
  return bytes;
}

inline Text bytes_in(const std::string& text) { return text + Text{}; }

struct CaughtError {
  std::string message = "no error";
  ErrorKind kind = ErrorKind::bug;
};

template <class Function>
CaughtError caught_from(const Function& function) {
  try {
    function();
  } catch (const Error& error) {
    return {error.message(), error.kind()};
  }
  return {};
}

template <class Function>
std::string data_error(const Function& function) {
  const CaughtError caught = caught_from(function);
  EXPECT_EQ(caught.kind, ErrorKind::data) << caught.message;
  return caught.message;
}

inline std::string header_error(const Text& bytes) {
  return data_error([&] { read_header(bytes, "a/b.jpg"); });
}

inline Text golden(const std::string& name) { return bytes_of(golden_folder + "images/" + name); }

inline Text truncated(Text bytes, std::size_t size) {
  bytes.resize(size);
  return bytes;
}

inline std::string decode_error(const Text& bytes) {
  return data_error([&] { decode(bytes, "a/b.jpg"); });
}

}  // namespace pinfeed::image

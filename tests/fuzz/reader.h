// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

#include "pinfeed/config/read.h"
#include "pinfeed/config/value/merge.h"
#include "pinfeed/config/write_py.h"

namespace pinfeed::fuzz {

/// Any text is read or refused with an Error(config) that has a text. A config that was read is
/// written as Python; reading that and writing it again gives the same text.
inline int read(const std::uint8_t* data, std::size_t size, const char* name) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::string written;
  try {
    written = write_py(read_config_text(text, name).root.dict());
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::config || error.message().empty()) std::abort();
    return 0;
  }
  if (write_py(read_config_text(written, "written.py").root.dict()) != written) std::abort();
  return 0;
}

}  // namespace pinfeed::fuzz

// SPDX-License-Identifier: Apache-2.0
// Source of the format: torch/distributed/elastic/multiprocessing/errors/error_handler.py.
#include "pinfeed/cli/error_file.h"

#include <fmt/format.h>

#include <cstdlib>
#include <ctime>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/core/json_text.h"

namespace pinfeed::cli {

void write_error_file(const std::string& message) {
  const char* path = std::getenv("TORCHELASTIC_ERROR_FILE");
  if (path == nullptr || *path == '\0') return;
  const std::string text = fmt::format(
      R"({{"message": {{"message": {}, "extraInfo": {{"py_callstack": "", "timestamp": "{}"}}}}}})",
      json_string(message), std::time(nullptr));
  try {
    write_atomically(path, [&](FileWriter& writer) { writer.write(text); });
  } catch (const Error&) {
    return;  // the message is on stderr too
  }
}

}  // namespace pinfeed::cli

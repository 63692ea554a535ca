// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace pinfeed::cli {

/// Writes the message of the error that ends this process to the file TORCHELASTIC_ERROR_FILE of
/// the environment, as JSON that torchrun reads and shows. Does nothing without the variable, or
/// when the file cannot be written.
void write_error_file(const std::string& message);

}  // namespace pinfeed::cli

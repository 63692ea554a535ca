// SPDX-License-Identifier: Apache-2.0
// Runs the program as a user would.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/temporary_folder.h"

namespace pinfeed::test {

struct Outcome {
  int code = -1;
  std::string out = {};
  std::string err = {};
};

/// Runs pinfeed with these arguments in `folder`, and waits until it ends.
Outcome program(const std::vector<std::string>& arguments, const std::filesystem::path& folder);

/// Runs pinfeed with this command line of a shell in `folder` on a terminal. Returns what the
/// terminal shows; line ends are "\r\n". Fails the test if the exit code is not 0.
std::string terminal_output(const std::string& command_line, const std::filesystem::path& folder);

}  // namespace pinfeed::test

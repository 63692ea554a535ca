// SPDX-License-Identifier: Apache-2.0
// Scripts of tests in Python, which PINFEED_PYTHON may name.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "pinfeed/core/text.h"

namespace pinfeed::test {

/// What a script of tests/ prints for this argument. Empty where there is no Python, or where the
/// script exits with 77 because a package is missing; another exit code fails the test.
inline std::optional<std::string> script_output(const std::string& script,
                                                const std::string& argument) {
  const char* named = std::getenv("PINFEED_PYTHON");
  const std::string python = named != nullptr ? named : "python3";
  if (std::system((shell_word(python) + " -c pass 2>/dev/null").c_str()) != 0) return std::nullopt;
  const std::string command = shell_word(python) + " " +
                              shell_word(std::string(PINFEED_SOURCE_DIR "/tests/") + script) + " " +
                              shell_word(argument) + " 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::string output;
  std::array<char, 4096> buffer = {};
  while (fgets(buffer.data(), buffer.size(), pipe) != nullptr) output += buffer.data();
  const int status = pclose(pipe);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77) return std::nullopt;
  EXPECT_EQ(status, 0) << output;
  return output;
}

}  // namespace pinfeed::test

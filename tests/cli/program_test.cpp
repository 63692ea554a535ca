// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/program.h"

#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace pinfeed::test {
namespace {

std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + "'";
}

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

Outcome program(const std::vector<std::string>& arguments, const std::filesystem::path& folder) {
  const TemporaryFolder streams;
  std::string command = "cd " + quoted(folder) + " && " + quoted(PINFEED_BINARY_DIR "/pinfeed");
  for (const std::string& argument : arguments) command += " " + quoted(argument);
  command += " >" + quoted(streams.path() / "out") + " 2>" + quoted(streams.path() / "err");
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, content(streams.path() / "out"),
          content(streams.path() / "err")};
}

std::string terminal_output(const std::string& command_line, const std::filesystem::path& folder) {
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) {
    const std::string command = "cd " + quoted(folder) + " && exec " +
                                quoted(PINFEED_BINARY_DIR "/pinfeed") + " " + command_line;
    ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    ::_exit(127);
  }
  std::string text;
  std::array<char, 512> buffer = {};
  for (ssize_t got = 0; (got = ::read(terminal, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  ::close(terminal);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0) << text;
  return text;
}

namespace {

TEST(Program, WithoutACommandIsWrongUsage) {
  const TemporaryFolder folder;
  const Outcome outcome = program({}, folder.path());
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.out, "");
}

TEST(Program, HelpIsNoError) {
  const TemporaryFolder folder;
  const Outcome outcome = program({"--help"}, folder.path());
  EXPECT_EQ(outcome.code, 0);
  EXPECT_NE(outcome.out.find("batches"), std::string::npos);
}

TEST(Program, AMissingConfigIsNamed) {
  const TemporaryFolder folder;
  const Outcome outcome = program({"config", "nowhere.py"}, folder.path());
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.err.rfind("error: ", 0), 0U) << outcome.err;
  EXPECT_NE(outcome.err.find("nowhere.py"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace pinfeed::test

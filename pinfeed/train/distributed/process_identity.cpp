// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/distributed/process_identity.h"

#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

namespace pinfeed {
namespace {

struct Identity {
  std::string host = {};
  std::string machine = {};  // the boot of the machine and the namespace of processes
  std::string process = {};
  std::string start = {};  // in ticks since the boot
};

std::string first_word_of(const std::string& file) {
  std::ifstream stream(file);
  std::string word;
  stream >> word;
  return word;
}

// The state and the start of a process, fields 3 and 22 of its stat file; empty after its end.
std::pair<std::string, std::string> state_and_start(const std::string& process) {
  std::ifstream stream("/proc/" + process + "/stat");
  std::string line;
  std::getline(stream, line);
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream fields(line.substr(name_end + 1));
  std::string state;
  fields >> state;
  std::string field;
  for (int number = 4; number <= 22; ++number) fields >> field;
  return {state, field};
}

std::string host() {
  std::array<char, 256> name = {};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

std::string machine() { return own_machine() + "/" + own_process_space(); }

Identity parsed(const std::string& text) {
  Identity identity;
  std::istringstream words(text);
  words >> identity.host >> identity.machine >> identity.process >> identity.start;
  return identity;
}

}  // namespace

std::string own_machine() {
  const std::string boot = first_word_of("/proc/sys/kernel/random/boot_id");
  return boot.empty() ? host() : boot;
}

std::string own_process_space() {
  std::error_code none;
  const std::string space = std::filesystem::read_symlink("/proc/self/ns/pid", none).string();
  return space.empty() ? "unknown" : space;
}

std::string own_identity() {
  const std::string process = std::to_string(getpid());
  return host() + " " + machine() + " " + process + " " + state_and_start(process).second;
}

bool has_ended(const std::string& text) {
  const Identity identity = parsed(text);
  if (identity.start.empty() || identity.machine != machine()) return false;
  const auto [state, start] = state_and_start(identity.process);
  return start != identity.start || state == "Z" || state == "X";
}

std::string name_of_process(const std::string& text) {
  const Identity identity = parsed(text);
  return "process " + identity.process + " on host " + identity.host;
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
// /proc/self/cgroup has a line "ID:CONTROLLERS:PATH" for each hierarchy of version 1, and "0::PATH"
// for version 2. /proc/self/mountinfo says where a hierarchy is mounted and which of its groups is
// the root of the mount. A container may see its own group as the root of the mount while PATH is
// that of the host; then the mount point is the group.
#include "pinfeed/core/control_group.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <vector>

namespace pinfeed {
namespace {

namespace fs = std::filesystem;

// A mounted hierarchy.
struct Hierarchy {
  std::string root = {};         // the group that is visible at `point`
  std::string point = {};        // where it is mounted
  bool unified = false;          // version 2
  std::string controllers = {};  // of version 1: "rw,cpu,cpuacct"
};

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

bool lists(const std::string& names, std::string_view wanted) {
  const std::vector<std::string> all = split(names, ',');
  return std::find(all.begin(), all.end(), wanted) != all.end();
}

// mountinfo writes a space in a path as \040.
std::string without_escapes(const std::string& path) {
  constexpr std::size_t digits = 3;
  std::string text;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const std::string code = path[i] == '\\' ? path.substr(i + 1, digits) : "";
    const bool octal = code.size() == digits && code.find_first_not_of("01234567") == code.npos;
    text += octal ? static_cast<char>(std::stoi(code, nullptr, 8)) : path[i];
    if (octal) i += digits;
  }
  return text;
}

std::vector<Hierarchy> hierarchies(const std::string& root) {
  std::vector<Hierarchy> found;
  std::ifstream file(root + "/proc/self/mountinfo");
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> fields = split(line, ' ');
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (fields.size() < 5 || fields.end() - dash < 4) continue;
    const bool unified = dash[1] == "cgroup2";
    if (!unified && dash[1] != "cgroup") continue;
    found.push_back({without_escapes(fields[3]), without_escapes(fields[4]), unified, dash[3]});
  }
  return found;
}

// The path of this process' group in a hierarchy of version 2, or in that of a controller.
std::optional<std::string> group_path(const std::string& root, bool unified,
                                      std::string_view controller) {
  std::ifstream file(root + "/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == line.npos || second == line.npos) continue;
    const std::string names = line.substr(first + 1, second - first - 1);
    if (unified ? names.empty() : lists(names, controller)) return line.substr(second + 1);
  }
  return std::nullopt;
}

// The folders of the group and of those above it, up to the root of the mount.
std::vector<fs::path> group_folders(const std::string& root, const Hierarchy& hierarchy,
                                    std::string path) {
  if (hierarchy.root != "/") {
    const bool inside = path == hierarchy.root || path.starts_with(hierarchy.root + "/");
    path = inside ? path.substr(hierarchy.root.size()) : "";
  }
  if (path == "/.." || path.starts_with("/../")) path.clear();  // outside of this namespace
  std::vector<fs::path> folders = {root + hierarchy.point};
  for (const std::string& name : split(path, '/')) {
    if (!name.empty()) folders.push_back(folders.back() / name);
  }
  return folders;
}

// The folders that limit what a controller counts; none if the hierarchy does not have it.
std::vector<fs::path> folders_of(const std::string& root, const Hierarchy& hierarchy,
                                 const char* controller) {
  if (!hierarchy.unified && !lists(hierarchy.controllers, controller)) return {};
  const auto path = group_path(root, hierarchy.unified, controller);
  return group_folders(root, hierarchy, path.value_or("/"));
}

// A positive number at the beginning of a file; empty for "max" and, read as a double, for -1,
// which mean no limit.
template <class Number>
std::optional<Number> number_in(const fs::path& path) {
  std::ifstream file(path);
  Number number = 0;
  return file >> number && number > 0 ? std::optional(number) : std::nullopt;
}

std::optional<double> cpus_of(const fs::path& folder, bool unified) {
  const fs::path quota_file = folder / (unified ? "cpu.max" : "cpu.cfs_quota_us");
  const std::optional<double> quota = number_in<double>(quota_file);
  if (!quota) return std::nullopt;
  double period = 0.0;
  if (unified) {
    double again = 0.0;
    std::ifstream(quota_file) >> again >> period;
  } else {
    period = number_in<double>(folder / "cpu.cfs_period_us").value_or(0.0);
  }
  return period > 0 ? std::optional(*quota / period) : std::nullopt;
}

template <class Number>
void lower(std::optional<Number>& limit, std::optional<Number> other) {
  if (other && (!limit || *other < *limit)) limit = other;
}

}  // namespace

GroupLimits group_limits(const std::string& root) {
  GroupLimits limits;
  for (const Hierarchy& hierarchy : hierarchies(root)) {
    const bool unified = hierarchy.unified;
    const char* memory = unified ? "memory.max" : "memory.limit_in_bytes";
    for (const fs::path& folder : folders_of(root, hierarchy, "memory")) {
      lower(limits.memory_bytes, number_in<std::size_t>(folder / memory));
    }
    for (const fs::path& folder : folders_of(root, hierarchy, "cpu")) {
      lower(limits.cpus, cpus_of(folder, unified));
    }
  }
  return limits;
}

}  // namespace pinfeed

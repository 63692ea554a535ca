// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/run/start_of_ranks.h"

#include <fmt/format.h>
#include <torch/version.h>

#include <optional>
#include <sstream>

#include "pinfeed/config/write_py.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/version.h"
#include "pinfeed/train/distributed/end_together.h"

namespace pinfeed {
namespace {

std::string line_or_nothing(const std::optional<std::string>& line) {
  return line ? "'" + *line + "'" : "nothing";
}

std::string first_difference(const std::string& first, const std::string& other, std::size_t rank) {
  std::istringstream of_first(first);
  std::istringstream of_other(other);
  const auto next_of = [](std::istringstream& lines) {
    std::string line;
    return std::getline(lines, line) ? std::optional(line) : std::nullopt;
  };
  std::optional<std::string> expected = next_of(of_first);
  std::optional<std::string> found = next_of(of_other);
  while (expected && found && *expected == *found) {
    expected = next_of(of_first);
    found = next_of(of_other);
  }
  return fmt::format("rank {} has {} where rank 0 has {}", rank, line_or_nothing(found),
                     line_or_nothing(expected));
}

}  // namespace

std::string version_of_program() {
  return fmt::format("pinfeed {} with torch {}", headers_version, TORCH_VERSION);
}

std::string text_of(const Start& start) {
  std::string text = start.version + "\n";
  for (const std::string& choice : start.choices) text += choice + "\n";
  return text + start.config;
}

std::string different_start(const std::vector<std::string>& starts) {
  for (std::size_t rank = 1; rank < starts.size(); ++rank)
    if (starts[rank] != starts[0]) return first_difference(starts[0], starts[rank], rank);
  return "";
}

void require_same_start(ProcessGroup& group, const std::vector<std::string>& choices,
                        const Value& config) {
  const Start own{version_of_program(), choices, write_py(config.dict())};
  const std::string difference = different_start(group.all_gather(text_of(own)));
  if (difference.empty()) return;
  end_together(group);
  throw Error(ErrorKind::config, "the ranks do not start the same: " + difference)
      .help("start all ranks with the same program, config and options");
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pinfeed/cli/command.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/core/json_text.h"

namespace pinfeed::cli {
namespace {

struct CollateArguments {
  std::string first = {};
  std::string second = {};
};

// A line of `batches --hash`. The views lie in the file's text.
struct HashLine {
  std::string_view epoch = {};
  std::string_view batch = {};
  std::string_view digest = {};
};

std::string_view take_until(std::string_view& rest, char end) {
  const std::string_view word = rest.substr(0, rest.find(end));
  rest.remove_prefix(std::min(rest.size(), word.size() + 1));
  return word;
}

bool is_number(std::string_view word) {
  return !word.empty() &&
         std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_digest(std::string_view word) {
  constexpr std::size_t xxh3_128_digits = 32;
  return word.size() == xxh3_128_digits &&
         std::all_of(word.begin(), word.end(),
                     [](unsigned char c) { return std::isxdigit(c) != 0; });
}

std::optional<HashLine> parsed(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  HashLine found;
  found.epoch = take_until(line, ' ');
  found.batch = take_until(line, ' ');
  found.digest = line;
  const bool good = is_number(found.epoch) && is_number(found.batch) && is_digest(found.digest);
  return good ? std::optional(found) : std::nullopt;
}

std::vector<HashLine> lines_of(const std::string& path, std::string_view text) {
  constexpr std::size_t shown = 60;
  std::vector<HashLine> lines;
  while (!text.empty()) {
    const std::string_view line = take_until(text, '\n');
    const std::optional<HashLine> found = parsed(line);
    if (!found) {
      throw Error(ErrorKind::data,
                  fmt::format("line {} of {} is {}; it must be 'epoch batch digest'",
                              lines.size() + 1, path, json_string(line.substr(0, shown))))
          .help("the lines come from 'pinfeed batches CONFIG --hash'");
    }
    lines.push_back(*found);
  }
  return lines;
}

std::string place_of(const HashLine& line) {
  return fmt::format("epoch {} batch {}", line.epoch, line.batch);
}

std::string difference(const CollateArguments& names, const HashLine& a, const HashLine& b,
                       std::size_t number) {
  if (a.epoch != b.epoch || a.batch != b.batch) {
    return fmt::format("different at line {}: {} in {}, {} in {}", number, place_of(a), names.first,
                       place_of(b), names.second);
  }
  return fmt::format("different at {}: {} in {}, {} in {}", place_of(a), a.digest, names.first,
                     b.digest, names.second);
}

std::string ending(const HashLine& next, const std::string& longer, const std::string& shorter,
                   std::size_t count) {
  return fmt::format("different at {}: {} in {}, {} ends after {} batches", place_of(next),
                     next.digest, longer, shorter, count);
}

// The first difference in words, or empty.
std::string compared(const CollateArguments& names, const std::vector<HashLine>& a,
                     const std::vector<HashLine>& b) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    const bool same =
        a[i].epoch == b[i].epoch && a[i].batch == b[i].batch && a[i].digest == b[i].digest;
    if (!same) return difference(names, a[i], b[i], i + 1);
  }
  if (a.size() > common) return ending(a[common], names.first, names.second, common);
  if (b.size() > common) return ending(b[common], names.second, names.first, common);
  return "";
}

void run(const CollateArguments& arguments) {
  const std::string first = read_text(arguments.first, ErrorKind::data);
  const std::string second = read_text(arguments.second, ErrorKind::data);
  const std::vector<HashLine> a = lines_of(arguments.first, first);
  const std::vector<HashLine> b = lines_of(arguments.second, second);
  const std::string found = compared(arguments, a, b);
  if (found.empty()) return print(fmt::format("equal: {} batches", a.size()));
  print(found);
  throw Exit{1};
}

}  // namespace

void add_collate(CLI::App& app) {
  auto arguments = std::make_shared<CollateArguments>();
  CLI::App* command =
      app.add_subcommand("collate", "compares two streams of digests; exits 1 when they differ");
  command->add_option("A", arguments->first, "what 'batches --hash' printed")->required();
  command->add_option("B", arguments->second, "the same, of another run")->required();
  command->callback([arguments] { run(*arguments); });
}

}  // namespace pinfeed::cli

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/digest_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/core/json_text.h"

namespace pinfeed::cli {
namespace {

std::string_view take_until(std::string_view& rest, char end) {
  const std::string_view word = rest.substr(0, rest.find(end));
  rest.remove_prefix(std::min(rest.size(), word.size() + 1));
  return word;
}

std::optional<std::int64_t> number_in(std::string_view word) {
  const bool digits = !word.empty() && std::all_of(word.begin(), word.end(),
                                                   [](char c) { return c >= '0' && c <= '9'; });
  std::int64_t number = 0;
  const auto fault = std::from_chars(word.data(), word.data() + word.size(), number).ec;
  return digits && fault == std::errc() ? std::optional(number) : std::nullopt;
}

bool is_digest(std::string_view word) {
  constexpr std::size_t xxh3_128_digits = 32;
  return word.size() == xxh3_128_digits &&
         std::all_of(word.begin(), word.end(),
                     [](unsigned char c) { return std::isxdigit(c) != 0; });
}

std::optional<DigestLine> parsed(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  const auto epoch = number_in(take_until(line, ' '));
  const auto batch = number_in(take_until(line, ' '));
  if (!epoch || !batch || !is_digest(line)) return std::nullopt;
  return DigestLine{*epoch, *batch, std::string(line)};
}

std::string location_of(const DigestLine& line) {
  return fmt::format("epoch {} batch {}", line.epoch, line.batch);
}

}  // namespace

std::vector<DigestLine> read_digests(const std::string& path) {
  constexpr std::size_t quoted = 60;
  const std::string whole = read_text(path, ErrorKind::data);
  std::string_view text = whole;
  std::vector<DigestLine> lines;
  while (!text.empty()) {
    const std::string_view line = take_until(text, '\n');
    const std::optional<DigestLine> found = parsed(line);
    if (!found) {
      throw Error(ErrorKind::data,
                  fmt::format("line {} of {} is {}; it must be 'epoch batch digest'",
                              lines.size() + 1, path, json_string(line.substr(0, quoted))))
          .help("the lines come from 'pinfeed batches CONFIG --hash'");
    }
    lines.push_back(*found);
  }
  return lines;
}

std::string difference(const DigestLine& first, const DigestLine& second, std::size_t number,
                       const std::string& first_name, const std::string& second_name) {
  if (first == second) return "";
  if (first.epoch != second.epoch || first.batch != second.batch) {
    return fmt::format("different at line {}: {} in {}, {} in {}", number, location_of(first),
                       first_name, location_of(second), second_name);
  }
  return fmt::format("different at {}: {} in {}, {} in {}", location_of(first), first.digest,
                     first_name, second.digest, second_name);
}

std::string ending(const DigestLine& next, const std::string& longer, const std::string& shorter,
                   std::size_t count) {
  return fmt::format("different at {}: {} in {}, {} ends after {} batches", location_of(next),
                     next.digest, longer, shorter, count);
}

}  // namespace pinfeed::cli

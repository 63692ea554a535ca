// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/bad_samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <utility>

#include "pinfeed/core/json_text.h"

namespace pinfeed {
namespace {

// Of "LoadImageFromFile worked on data/1.jpg": the step and the file.
std::pair<std::string, std::string> step_and_file(const Error& error) {
  constexpr std::string_view words = " worked on ";
  for (const std::string& line : error.trail()) {
    const std::size_t at = line.find(words);
    if (at != std::string::npos) return {line.substr(0, at), line.substr(at + words.size())};
  }
  return {};
}

// The picture that was being read, where it is not the sample's own: "reading data/2.jpg".
std::string file_read(const Error& error) {
  constexpr std::string_view word = "reading ";
  for (const std::string& line : error.trail()) {
    if (line.starts_with(word) && !line.starts_with("reading annotation")) {
      return line.substr(word.size());
    }
  }
  return {};
}

// A file that ends early can be used up to its end, one that is no picture from its first byte on
// cannot; of others only the decoder knows.
std::optional<std::int64_t> offset_of(const std::string& reason, const std::string& file) {
  std::error_code missing;
  const std::uintmax_t bytes = std::filesystem::file_size(file, missing);
  if (missing) return std::nullopt;
  const bool early = bytes == 0 || reason.find("ends early") != std::string::npos;
  return early ? std::optional(static_cast<std::int64_t>(bytes)) : std::nullopt;
}

}  // namespace

bool BadSamples::takes(const Error& error, std::int64_t index) {
  if (rule == OnBadSample::raise || gave_up || error.kind() != ErrorKind::data) return false;
  const auto [step, own] = step_and_file(error);
  const std::string read = file_read(error);
  const std::string& file = read.empty() ? own : read;
  found.push_back({file, offset_of(error.text(), file), step, error.text(), index});
  return true;
}

BadSampleLedger::BadSampleLedger(std::string path, double most)
    : path_(std::move(path)), most_(most) {}

void BadSampleLedger::write(const BadSample& bad, std::int64_t epoch, std::int64_t batch) {
  const std::string offset = bad.byte_offset ? std::to_string(*bad.byte_offset) : "null";
  std::ofstream file(path_, std::ios::app);
  file << fmt::format(
      R"({{"file": {}, "byte_offset": {}, "step": {}, "reason": {}, "sample": {}, "epoch": {}, "batch": {}}})"
      "\n",
      json_string(bad.file), offset, json_string(bad.step), json_string(bad.reason), bad.index,
      epoch, batch);
  if (file.flush()) return;
  throw Error(ErrorKind::system, "cannot write " + path_ + ": " + system_reason());
}

void BadSampleLedger::add(const std::vector<BadSample>& bad, std::int64_t samples,
                          std::int64_t epoch, std::int64_t batch) {
  seen_ += samples + std::ssize(bad);
  bad_ += std::ssize(bad);
  if (!path_.empty()) {
    for (const BadSample& one : bad) write(one, epoch, batch);
  }
  constexpr std::int64_t few = 100;
  if (bad.empty() ||
      static_cast<double>(bad_) <= most_ * static_cast<double>(std::max(seen_, few))) {
    return;
  }
  throw Error(ErrorKind::data,
              fmt::format("{} of {} samples were bad; max_bad_fraction is {}", bad_, seen_, most_))
      .along(fmt::format("filling batch {} of epoch {}", batch, epoch))
      .help(path_.empty() ? "pinfeed = dict(bad_sample_ledger='bad.jsonl') writes them down"
                          : path_ + " lists them");
}

}  // namespace pinfeed

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
  for (const std::string& line : error.context()) {
    const std::size_t at = line.find(words);
    if (at != std::string::npos) return {line.substr(0, at), line.substr(at + words.size())};
  }
  return {};
}

// The image that was being read, where it is not the sample's own: "reading data/2.jpg".
std::string file_read(const Error& error) {
  constexpr std::string_view word = "reading ";
  for (const std::string& line : error.context()) {
    if (line.starts_with(word) && !line.starts_with("reading annotation")) {
      return line.substr(word.size());
    }
  }
  return {};
}

// Of "reading annotation 7 of data/a.json": the id and the file.
std::pair<std::string, std::string> annotation_and_file(const Error& error) {
  constexpr std::string_view word = "reading annotation ";
  for (const std::string& line : error.context()) {
    const std::size_t of = line.find(" of ");
    if (!line.starts_with(word) || of == std::string::npos) continue;
    return {line.substr(word.size(), of - word.size()), line.substr(of + 4)};
  }
  return {};
}

// A file that ends early can be used up to its end, one that is no image from its first byte on
// cannot; of others only the decoder knows.
std::optional<std::int64_t> offset_of(const std::string& reason, const std::string& file) {
  std::error_code missing;
  const std::uintmax_t bytes = std::filesystem::file_size(file, missing);
  if (missing) return std::nullopt;
  const bool early = bytes == 0 || reason.find("ends early") != std::string::npos;
  return early ? std::optional(static_cast<std::int64_t>(bytes)) : std::nullopt;
}

}  // namespace

bool BadSamples::takes(Error& error, std::int64_t index) {
  if (error.kind() != ErrorKind::data) return false;
  if (rule == OnBadSample::raise) error.help(bad_sample_advice);
  if (rule == OnBadSample::raise || gave_up) return false;
  const auto [step, own] = step_and_file(error);
  const std::string read = file_read(error);
  const std::string& file = read.empty() ? own : read;
  const auto [annotation, annotation_file] = annotation_and_file(error);
  found.push_back({file, offset_of(error.text(), file), step, error.text(), index, annotation,
                   annotation_file});
  return true;
}

BadSampleLedger::BadSampleLedger(std::string path, double most, std::int64_t size)
    : path_(std::move(path)), most_(most), size_(size) {}

void BadSampleLedger::write(const BadSample& bad, std::int64_t epoch, std::int64_t batch) {
  const std::string offset = bad.byte_offset ? std::to_string(*bad.byte_offset) : "null";
  const std::string annotation =
      bad.annotation.empty() ? ""
                             : fmt::format(R"("annotation": {}, "annotation_file": {}, )",
                                           bad.annotation, json_string(bad.annotation_file));
  std::ofstream file(path_, std::ios::app);
  file << fmt::format(
      R"({{"file": {}, "byte_offset": {}, "step": {}, "reason": {}, {}"sample": {}, "epoch": {}, "batch": {}}})"
      "\n",
      json_string(bad.file), offset, json_string(bad.step), json_string(bad.reason), annotation,
      bad.index, epoch, batch);
  if (file.flush()) return;
  throw Error(ErrorKind::system, "cannot write " + path_ + ": " + system_reason());
}

void BadSampleLedger::add(const std::vector<BadSample>& bad, std::int64_t samples,
                          std::int64_t epoch, std::int64_t batch) {
  constexpr std::int64_t few = 100;
  constexpr std::int64_t enough = 1000;
  seen_ += samples;
  for (const BadSample& one : bad) {
    if (bad_.insert(one.file.empty() ? std::to_string(one.index) : one.file).second) ++seen_;
    if (!path_.empty()) write(one, epoch, batch);
  }
  const std::int64_t least = std::clamp(size_, few, enough);
  const std::int64_t judged = seen_ < least ? least : std::min(seen_, size_);
  const bool bearable = static_cast<double>(bad_.size()) <= most_ * static_cast<double>(judged);
  if (bad.empty() || bearable) return;
  throw Error(ErrorKind::data, fmt::format("{} of {} samples were bad; max_bad_fraction is {}",
                                           bad_.size(), std::min(seen_, size_), most_))
      .with_context(fmt::format("filling batch {} of epoch {}", batch, epoch))
      .help(path_.empty() ? "pinfeed = dict(bad_sample_ledger='bad.jsonl') writes them down"
                          : path_ + " lists them");
}

}  // namespace pinfeed

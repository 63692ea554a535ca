// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/bad_samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "pinfeed/core/json_text.h"
#include "pinfeed/core/record_id.h"

namespace pinfeed {

bool BadSamples::accepts(Error& error) const {
  if (error.kind() != ErrorKind::data) return false;
  if (rule == OnBadSample::raise) error.help(bad_sample_advice);
  return rule != OnBadSample::raise && !gave_up;
}

const Error* BadSamples::error_of(std::string_view path) const {
  const auto file = broken_files.find(path);
  return file == broken_files.end() ? nullptr : &file->second;
}

bool BadSamples::takes(Error& error, std::int64_t index) {
  if (!accepts(error)) return false;
  BadSample bad{.reason = error.text(), .index = index, .place = place};
  if (const auto* step = error.find_context<StepContext>()) {
    bad.step = step->step;
    bad.file = step->file;
  }
  // An image of another sample (Mosaic, MixUp) is named by the context of its read.
  if (const auto* read = error.find_context<FileContext>()) bad.file = read->file;
  if (const auto* annotation = error.find_context<AnnotationContext>()) {
    bad.annotation = annotation->id;
    bad.annotation_file = annotation->file;
  }
  if (error.end()) bad.byte_offset = static_cast<std::int64_t>(*error.end());
  found.push_back(std::move(bad));
  return true;
}

BadSampleLedger::BadSampleLedger(const std::string& path, double max_fraction, std::int64_t records)
    : path_(path), max_fraction_(max_fraction), records_(records) {
  if (!path.empty()) file_.emplace(path);
}

void BadSampleLedger::write(const BadSample& bad, std::int64_t epoch, std::int64_t batch) {
  const std::string offset = bad.byte_offset ? std::to_string(*bad.byte_offset) : "null";
  const std::string annotation =
      bad.annotation ? fmt::format(R"("annotation": {}, "annotation_file": {}, )",
                                   id_json(*bad.annotation), json_string(bad.annotation_file))
                     : "";
  file_->add(fmt::format(
      R"({{"file": {}, "byte_offset": {}, "step": {}, "reason": {}, {}"sample": {}, "epoch": {}, "batch": {}}})",
      json_string(bad.file), offset, json_string(bad.step), json_string(bad.reason), annotation,
      bad.index, epoch, batch));
}

void BadSampleLedger::add(const std::vector<BadSample>& bad, std::span<const std::string> used,
                          std::int64_t epoch, std::int64_t batch) {
  constexpr std::int64_t few = 100;
  constexpr std::int64_t enough = 1000;
  const std::hash<std::string> hash;
  for (const std::string& name : used) seen_.insert(hash(name));
  for (const BadSample& one : bad) {
    const std::string name = one.file.empty() ? std::to_string(one.index) : one.file;
    bad_.insert(name);
    seen_.insert(hash(name));
    if (file_) write(one, epoch, batch);
  }
  const std::int64_t total = std::max(std::ssize(seen_), std::clamp(records_, few, enough));
  const bool allowed =
      static_cast<double>(bad_.size()) <= max_fraction_ * static_cast<double>(total);
  if (bad.empty() || allowed) return;
  throw Error(ErrorKind::data, fmt::format("{} of {} samples were bad; max_bad_fraction is {}",
                                           bad_.size(), seen_.size(), max_fraction_))
      .with_context(BatchContext{batch, epoch})
      .help(path_.empty() ? "pinfeed = dict(bad_sample_ledger='bad.jsonl') writes them down"
                          : path_ + " lists them");
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/check_part.h"

#include <fmt/format.h>

#include <algorithm>

namespace pinfeed::cli {
namespace {

// "pipeline[2].scale[0]" is inside of "pipeline[2].scale".
bool is_inside(const std::string& path, const std::string& key) {
  if (!path.starts_with(key)) return false;
  return path.size() == key.size() || path[key.size()] == '.' || path[key.size()] == '[';
}

void record(const Error& error, const std::string& section, std::size_t first,
            std::vector<Finding>& findings) {
  const std::string verdict = "not supported: " + error.text();
  const std::string& path = error.config_path().empty() ? section : error.config_path();
  const auto begin = findings.begin() + static_cast<std::ptrdiff_t>(first);
  const auto found = std::find_if(begin, findings.end(), [&](const Finding& finding) {
    const bool same = error.config_path().empty() && finding.verdict == verdict;
    return same || is_inside(path, finding.key);
  });
  if (found == findings.end())
    findings.push_back({section, path, verdict, line_text(error.span())});
  else if (found->supported())
    found->verdict = verdict;
}

}  // namespace

std::string line_text(const SourceSpan& span) {
  return span.known() ? fmt::format("{}:{}", span.source->name, span.line) : "";
}

void read_part(const Value& value, const std::string& path, const std::vector<std::string>& kinds,
               const Catalogs& catalogs) {
  const auto read = [&](const auto& catalog) {
    const auto kind = std::find(kinds.begin(), kinds.end(), catalog.kind());
    return (kinds.empty() || kind != kinds.end()) && catalog.check(value, path);
  };
  (void)(read(catalogs.transforms) || read(catalogs.datasets) || read(catalogs.samplers) ||
         read(catalogs.batch_samplers) || read(catalogs.collates));
}

void record_error(const std::function<void()>& read, const std::string& section, std::size_t first,
                  std::vector<Finding>& findings) {
  try {
    read();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::config) throw;
    record(error, section, first, findings);
  }
}

}  // namespace pinfeed::cli

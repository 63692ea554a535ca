// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/check_part.h"

#include <fmt/format.h>

#include <algorithm>

namespace pinfeed::cli {
namespace {

// "pipeline[2].scale" is where "pipeline[2].scale[0]" is written.
bool lies_in(const std::string& path, const std::string& key) {
  if (!path.starts_with(key)) return false;
  return path.size() == key.size() || path[key.size()] == '.' || path[key.size()] == '[';
}

std::string line_text(const SourceSpan& span) {
  return span.known() ? fmt::format("{}:{}", span.source->name, span.line) : "";
}

void note(const Error& error, const std::string& section, std::size_t first,
          std::vector<Finding>& findings) {
  const std::string verdict = "not supported: " + error.text();
  const auto begin = findings.begin() + static_cast<std::ptrdiff_t>(first);
  const auto found = std::find_if(begin, findings.end(), [&error](const Finding& finding) {
    return lies_in(error.config_path(), finding.key);
  });
  if (found == findings.end()) {
    const std::string& key = error.config_path().empty() ? section : error.config_path();
    findings.push_back({section, key, verdict, line_text(error.span())});
  } else if (found->supported()) {
    found->verdict = verdict;
  }
}

}  // namespace

void read_part(const Value& value, const std::string& path, const std::vector<std::string>& kinds,
               const Catalogs& catalogs) {
  const auto read = [&](const auto& catalog) {
    const auto kind = std::find(kinds.begin(), kinds.end(), catalog.kind());
    return (kinds.empty() || kind != kinds.end()) && catalog.check(value, path);
  };
  (void)(read(catalogs.transforms) || read(catalogs.datasets) || read(catalogs.samplers) ||
         read(catalogs.batch_samplers) || read(catalogs.collates));
}

void note_objection(const std::function<void()>& read, const std::string& section,
                    std::size_t first, std::vector<Finding>& findings) {
  try {
    read();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::config) throw;
    note(error, section, first, findings);
  }
}

}  // namespace pinfeed::cli

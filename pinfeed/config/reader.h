// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "pinfeed/config/read.h"
#include "pinfeed/config/read_python.h"
#include "pinfeed/config/value/merge.h"

namespace pinfeed {

/// Reads a config file with all its bases and merges them.
class Reader {
 public:
  Reader(const ReadOptions& options, std::vector<std::string>& warnings)
      : options_(options), warnings_(warnings) {}
  /// Appends the values of bases that are replaced to `history`.
  Reader(const ReadOptions& options, std::vector<std::string>& warnings,
         std::vector<Override>* history)
      : options_(options), warnings_(warnings), history_(history) {}

  Dict file(const std::string& path);
  /// The same for a text; its bases are relative to the working directory.
  Dict text(const std::shared_ptr<const SourceText>& source);

 private:
  struct Link {
    std::string identity;  // the path without links
    std::string name;
  };

  Dict read(const std::string& path, const std::string& name, const SourceSpan& from);
  Dict merged_text(const std::shared_ptr<const SourceText>& source, const std::string& path);
  Dict union_of(const std::vector<BasePath>& bases, const std::string& path,
                const std::string& name);
  Dict module(const python::FromImport& import, const SourceSpan& from, const std::string& path,
              const std::string& name);
  void note_style(const PythonText& text);
  Dict base(const BasePath& base, const std::string& path, const std::string& name);
  void refuse_cycle(const std::string& identity, const std::string& name,
                    const SourceSpan& from) const;
  void drop_deprecation(Dict& root, const std::string& name);

  const ReadOptions& options_;
  std::vector<std::string>& warnings_;
  std::vector<Override>* history_ = nullptr;
  std::vector<Link> chain_;
  int files_ = 0;
  std::set<std::string> imported_;  // names that files of the new style import from packages
  std::shared_ptr<const SourceText> old_style_ = nullptr;  // the first file of that style
  std::shared_ptr<const SourceText> new_style_ = nullptr;
};

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pinfeed {

/// Finds files and folders below a folder. Links are followed, as upstream does, but not those that
/// lead back to a folder on the way to them: upstream would read the same files up to 41 times.
class FolderSearch {
 public:
  explicit FolderSearch(std::string folder);

  /// The names of the folders in the folder, sorted. Throws Error of the kind that the cause has
  /// (read_failure_kind()).
  std::vector<std::string> folders();
  /// The files below `sub_folder` of the folder, at any depth, that have one of the extensions in
  /// upper or lower case: paths relative to the sub-folder, sorted as texts. Files whose name
  /// starts with a dot are left out; folders with such a name are searched, as upstream does. "":
  /// the folder itself. Throws the same errors.
  std::vector<std::string> files_below(const std::string& sub_folder,
                                       const std::vector<std::string>& extensions);
  /// The number of such files in the folder itself. Throws the same errors.
  std::int64_t count_files(const std::vector<std::string>& extensions) const;
  /// The links that were not followed.
  const std::vector<std::string>& cycles() const { return cycles_; }

 private:
  std::string folder_;
  std::vector<std::string> cycles_ = {};
};

}  // namespace pinfeed

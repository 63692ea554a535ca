// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmpretrain/datasets/custom.py, CustomDataset.
#include "pinfeed/data/datasets/folder_search.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/core/system_call.h"
#include "pinfeed/core/text.h"
#include "pinfeed/data/dataset.h"

namespace pinfeed {
namespace {

namespace fs = std::filesystem;

// A folder, however it was reached.
using Identity = std::pair<dev_t, ino_t>;

[[noreturn]] void throw_unreadable(const std::string& folder, const std::error_code& reason) {
  errno = reason.value();
  throw failed_call("read the folder", folder, ErrorKind::data);
}

Identity identity_of_folder(const std::string& folder) {
  struct stat status = {};
  if (retried([&] { return ::stat(folder.c_str(), &status); }) != 0) {
    throw_unreadable(folder, {errno, std::generic_category()});
  }
  return {status.st_dev, status.st_ino};
}

// The type of an entry, or of what it links to. An entry that is gone or that may not be read is
// nothing; a failure of the machine is an error.
fs::file_type type_of_entry(const fs::directory_entry& entry, const std::string& folder) {
  std::error_code failed;
  const fs::file_type type = entry.status(failed).type();
  errno = failed.value();
  if (failed && read_failure_kind() == ErrorKind::system) throw_unreadable(folder, failed);
  return type;
}

bool has_extension(const std::string& name, const std::vector<std::string>& extensions) {
  const std::string end = lower_case(name);
  return std::any_of(extensions.begin(), extensions.end(),
                     [&](const std::string& one) { return end.ends_with(lower_case(one)); });
}

// Whether a file of this name is an image of the data set.
bool is_listed(const std::string& file, const std::vector<std::string>& extensions) {
  return !file.starts_with('.') && has_extension(file, extensions);
}

bool contains(const std::vector<Identity>& path, const Identity& folder) {
  return std::find(path.begin(), path.end(), folder) != path.end();
}

}  // namespace

FolderSearch::FolderSearch(std::string folder) : folder_(std::move(folder)) {}

std::vector<std::string> FolderSearch::folders() {
  std::vector<std::string> names;
  const Identity self = identity_of_folder(folder_);
  std::error_code failed;
  for (fs::directory_iterator at(folder_, failed); !failed && at != fs::directory_iterator();
       at.increment(failed)) {
    if (type_of_entry(*at, folder_) != fs::file_type::directory) continue;
    if (identity_of_folder(at->path().string()) == self) {
      cycles_.push_back(at->path().string());
    } else {
      names.push_back(at->path().filename().string());
    }
  }
  if (failed) throw_unreadable(folder_, failed);
  std::sort(names.begin(), names.end());
  return names;
}

std::int64_t FolderSearch::count_files(const std::vector<std::string>& extensions) const {
  std::int64_t count = 0;
  std::error_code failed;
  for (fs::directory_iterator at(folder_, failed); !failed && at != fs::directory_iterator();
       at.increment(failed)) {
    if (!is_listed(at->path().filename().string(), extensions)) continue;
    if (type_of_entry(*at, folder_) == fs::file_type::regular) ++count;
  }
  if (failed) throw_unreadable(folder_, failed);
  return count;
}

std::vector<std::string> FolderSearch::files_below(const std::string& sub_folder,
                                                   const std::vector<std::string>& extensions) {
  const std::string start = sub_folder.empty() ? folder_ : join_path(folder_, sub_folder);
  std::vector<Identity> path = {identity_of_folder(folder_)};
  if (!sub_folder.empty()) path.push_back(identity_of_folder(start));
  const std::size_t outer = path.size();
  std::vector<std::string> names;
  std::error_code failed;
  fs::recursive_directory_iterator at(start, fs::directory_options::follow_directory_symlink,
                                      failed);
  for (; !failed && at != fs::recursive_directory_iterator(); at.increment(failed)) {
    const fs::file_type type = type_of_entry(*at, start);
    if (type == fs::file_type::directory) {
      path.resize(outer + static_cast<std::size_t>(at.depth()));
      const Identity found = identity_of_folder(at->path().string());
      if (contains(path, found)) {
        cycles_.push_back(at->path().string());
        at.disable_recursion_pending();
      }
      path.push_back(found);
    }
    if (type != fs::file_type::regular) continue;
    if (is_listed(at->path().filename().string(), extensions)) {
      names.push_back(at->path().lexically_relative(start).string());
    }
  }
  if (failed) throw_unreadable(start, failed);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/train_library.h"

#include <dlfcn.h>

#include <filesystem>

#include "pinfeed/core/error.h"

namespace pinfeed::cli {
namespace {

namespace fs = std::filesystem;

constexpr auto file_name = "libpinfeed_train.so";

// The folder of libpinfeed.so, which has exit_code().
fs::path library_folder() {
  Dl_info info = {};
  const bool found = dladdr(reinterpret_cast<void*>(&exit_code), &info) != 0;
  return found && info.dli_fname != nullptr ? fs::path(info.dli_fname).parent_path()
                                            : fs::path(".");
}

std::vector<fs::path> folders() {
  std::error_code ignored;
  const fs::path binary = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  return {binary, binary.parent_path() / "lib", library_folder()};
}

std::string found_library() {
  for (const fs::path& folder : folders()) {
    if (fs::exists(folder / file_name)) return (folder / file_name).string();
  }
  throw Error(ErrorKind::system, std::string(file_name) + " is not in the folder of " +
                                     folders().front().string() +
                                     "/pinfeed: this build cannot train")
      .help("pip install torch==2.13.0, then build with -DPINFEED_TORCH=<site-packages>/torch");
}

}  // namespace

TrainLibrary::TrainLibrary() : path_(found_library()) {
  handle_ = dlopen(path_.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle_ != nullptr) return;
  throw Error(ErrorKind::system, "cannot open " + path_ + ": " + dlerror())
      .help(
          "it needs the torch that it was built with: pip install torch==2.13.0 in its "
          "environment, or "
          "build again with -DPINFEED_TORCH=<site-packages>/torch");
}

void* TrainLibrary::symbol(const char* name) const {
  void* found = dlsym(handle_, name);
  if (found != nullptr) return found;
  throw Error(ErrorKind::system, path_ + " has another version: it has no " + name)
      .help("build and install the program and its libraries together");
}

void TrainLibrary::train(const TrainArguments& arguments) const {
  reinterpret_cast<TrainEntry>(symbol(train_entry))(arguments);
}

EvalReport TrainLibrary::eval(const EvalArguments& arguments) const {
  EvalReport report;
  reinterpret_cast<EvalEntry>(symbol(eval_entry))(arguments, report);
  return report;
}

ModelGroups TrainLibrary::groups(const Value& config) const {
  ModelGroups groups;
  reinterpret_cast<GroupsEntry>(symbol(groups_entry))(config, groups);
  return groups;
}

}  // namespace pinfeed::cli

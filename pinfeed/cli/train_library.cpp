// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/train_library.h"

#include <dlfcn.h>
#include <malloc.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "pinfeed/cli/torch_folder.h"
#include "pinfeed/core/error.h"

namespace pinfeed::cli {
namespace {

namespace fs = std::filesystem;

constexpr auto file_name = "libpinfeed_train.so";

// Each iteration frees the memory of its tensors. By default the C library gives most of it back to
// the system, which hands it out again page by page in the next iteration. Settings of the user
// stay.
void keep_freed_memory() {
  constexpr int mib = 1 << 20;
  for (const char* name : {"MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES"})
    if (std::getenv(name) != nullptr) return;
  mallopt(M_MMAP_THRESHOLD, 32 * mib);  // the largest that is allowed
  mallopt(M_TRIM_THRESHOLD, 1024 * mib);
}

// The folder of libpinfeed.so, which has exit_code().
fs::path library_folder() {
  Dl_info info = {};
  const bool found = dladdr(reinterpret_cast<void*>(&exit_code), &info) != 0;
  return found && info.dli_fname != nullptr ? fs::path(info.dli_fname).parent_path() : fs::path();
}

// The folder of the program; empty where /proc is not mounted.
fs::path program_folder() {
  std::error_code none;
  return fs::read_symlink("/proc/self/exe", none).parent_path();
}

// A relative folder would be one of the current folder, which may belong to anybody.
std::string found_library() {
  const fs::path binary = program_folder();
  for (const fs::path& folder : {binary, binary.parent_path() / "lib", library_folder()}) {
    std::error_code none;
    if (!folder.is_absolute() || !fs::exists(folder / file_name, none)) continue;
    return (folder / file_name).string();
  }
  const std::string where =
      binary.empty() ? "" : " in the folder of " + binary.string() + "/pinfeed";
  throw Error(ErrorKind::system, std::string(file_name) + " is not" +
                                     (where.empty() ? " found" : where) +
                                     ": this build cannot train")
      .help("pip install torch==" + torch_version() +
            ", then build with -DPINFEED_TORCH=<site-packages>/torch");
}

// Once libtorch is open, libraries that need it use the open one.
bool open_torch(const fs::path& torch) {
  return dlopen((torch / "lib/libtorch.so").c_str(), RTLD_NOW | RTLD_LOCAL) != nullptr;
}

// A torch that PINFEED_TORCH names comes before the one of the RPATH, which is in the build tree
// only.
void* open_library(const std::string& path) {
  shorten_spinning();
  keep_freed_memory();
  setenv("TORCH_CPP_LOG_LEVEL", "ERROR", 0);  // c10d warns of each try to reach rank 0
  const std::vector<fs::path> folders = torch_folders(program_folder().parent_path());
  void* handle = torch_is_named() ? nullptr : dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  for (const fs::path& torch : folders) {
    if (handle == nullptr && open_torch(torch))
      handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  }
  return handle;
}

}  // namespace

// By default they spin for milliseconds: that takes the cores away from the threads of the loader
// and of other processes. libgomp reads the count when it is opened.
void shorten_spinning() {
  if (std::getenv("OMP_WAIT_POLICY") != nullptr) return;
  setenv("GOMP_SPINCOUNT", "1000", 0);
}

TrainLibrary::TrainLibrary() : path_(found_library()), handle_(open_library(path_)) {
  if (handle_ != nullptr) return;
  const char* reason = dlerror();
  throw Error(ErrorKind::system,
              "cannot open " + path_ + (reason == nullptr ? "" : std::string(": ") + reason))
      .help("it needs torch " + torch_version() +
            ": set PINFEED_TORCH to <site-packages>/torch, or activate the Python environment that "
            "has it");
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

TrialReport TrainLibrary::trial(const TrainArguments& arguments, double seconds) const {
  TrialReport report;
  reinterpret_cast<TrialEntry>(symbol(trial_entry))(arguments, seconds, report);
  return report;
}

PredictReport TrainLibrary::predict(const PredictArguments& arguments) const {
  PredictReport report;
  reinterpret_cast<PredictEntry>(symbol(predict_entry))(arguments, report);
  return report;
}

ModelGroups TrainLibrary::groups(const Value& config, const ModelCatalog& added) const {
  ModelGroups groups;
  reinterpret_cast<GroupsEntry>(symbol(groups_entry))(config, added, groups);
  return groups;
}

void add_weights_dir(CLI::App& command, std::string* written) {
  const auto use = [written](const std::string& folder) {
    setenv("PINFEED_WEIGHTS", folder.c_str(), /*overwrite=*/1);
    if (written != nullptr) *written = folder;
  };
  command
      .add_option_function<std::string>(
          "--weights-dir", use,
          "folder of weights that the config names by a URL, torchvision:// or open-mmlab:// "
          "(default: PINFEED_WEIGHTS)")
      ->check(CLI::ExistingDirectory);
}

}  // namespace pinfeed::cli

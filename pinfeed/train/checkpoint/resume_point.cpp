// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/checkpoint/resume_point.h"

#include <algorithm>
#include <filesystem>
#include <tuple>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/formats/safetensors.h"
#include "pinfeed/schemas/checkpoint_format.h"
#include "pinfeed/schemas/checkpoint_names.h"
#include "pinfeed/train/checkpoint/checkpoint_files.h"
#include "pinfeed/train/logging/state_json.h"

namespace pinfeed {
namespace {

namespace fs = std::filesystem;

// When a checkpoint was written: the times have seconds, so the number of iterations decides
// between those of the same second.
struct SavedFile {
  std::string time = {};
  std::int64_t iteration = 0;
  std::string path = {};

  bool operator>(const SavedFile& other) const {
    return std::tie(time, iteration, path) > std::tie(other.time, other.iteration, other.path);
  }
};

// Empty for files from which no run can be resumed. Reads the header only.
std::optional<SavedFile> saved_file(const std::string& path) try {
  const SafetensorsFile file = read_safetensors(path, Verify::nothing);
  if (file.find(std::string(random_name)) == nullptr) return std::nullopt;
  for (const auto& [key, text] : file.metadata) {
    if (key != state_key) continue;
    const Value state(read_state(text, path));
    const Value* time = state.find("time");
    const Value* iteration = state.find("iter");
    if (time == nullptr || !time->is_string() || iteration == nullptr || !iteration->is_int())
      break;
    return SavedFile{time->string(), iteration->integer(), path};
  }
  return std::nullopt;
} catch (const Error& error) {
  if (error.kind() == ErrorKind::system) throw;
  return std::nullopt;
}

// A run of a newer pinfeed is not continued from an older checkpoint: throws Error(data).
void refuse_newer_format(const std::string& path) {
  FileMetadata metadata;
  try {
    metadata = read_safetensors(path, Verify::nothing).metadata;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::data) throw;
    return;  // damaged: another checkpoint may be whole
  }
  require_known_format(metadata, path);
}

// The checkpoints of a folder, newest first.
std::vector<SavedFile> saved_files(const std::string& folder) {
  std::vector<SavedFile> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != checkpoint_ending) continue;
    if (const auto file = saved_file(folder + "/" + entry.path().filename().string()))
      files.push_back(*file);
  }
  std::sort(files.begin(), files.end(), std::greater<>());
  return files;
}

}  // namespace

std::optional<ResumePoint> newest_resume_point(
    const std::string& work_dir, const std::function<void(const std::string&)>& warn) {
  std::optional<Error> damage;
  std::string damaged;
  const auto intact = [&](const std::string& path) -> std::optional<ResumePoint> {
    refuse_newer_format(path);
    try {
      return ResumePoint{path, read_checkpoint(path)};
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::data) throw;
      if (!damage) {
        damage.emplace(error);
        damaged = path;
      }
      return std::nullopt;
    }
  };
  const std::optional<std::string> named = last_checkpoint(work_dir);
  if (named) {
    if (auto found = intact(*named)) return found;
  }
  for (const SavedFile& file : saved_files(work_dir)) {
    if (file.path == named) continue;
    auto found = intact(file.path);
    if (!found) continue;
    warn(damage
             ? "cannot resume from " + damaged + " (" + damage->text() +
                   "); the checkpoint before it is used: " + file.path
             : work_dir + " has no last_checkpoint; the newest checkpoint is used: " + file.path);
    return found;
  }
  if (damage) throw Error(*damage);
  return std::nullopt;
}

}  // namespace pinfeed

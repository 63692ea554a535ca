// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/logging/run_log.h"

#include <unistd.h>

#include <array>
#include <ctime>
#include <filesystem>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

AppendedFile opened(const std::string& path) { return AppendedFile(path, /*follow_links=*/false); }

// The file again after somebody removed it or its folders.
AppendedFile opened_again(const std::string& path) {
  make_folder(std::filesystem::path(path).parent_path());
  return opened(path);
}

std::string folder_of(const std::string& work_dir, const std::string& run) {
  const std::string folder = work_dir + "/" + run + "/vis_data";
  make_folder(work_dir);
  make_folder(folder);
  return folder;
}

}  // namespace

std::string time_text(const char* pattern) {
  const std::time_t now = std::time(nullptr);
  std::tm local = {};
  localtime_r(&now, &local);
  std::array<char, 64> text = {};
  return {text.data(), std::strftime(text.data(), text.size(), pattern, &local)};
}

void make_folder(const std::string& path) {
  std::error_code failed;
  std::filesystem::create_directories(path, failed);
  if (failed) {
    throw Error(ErrorKind::system, "cannot make the folder " + path + ": " + failed.message());
  }
  if (::access(path.c_str(), W_OK | X_OK) == 0) return;
  throw Error(ErrorKind::system, "cannot write to the folder " + path + ": " + system_reason());
}

std::string claimed_run(const std::string& work_dir, const std::string& run) {
  make_folder(work_dir);
  std::string name = run;
  for (int number = 2;; ++number) {
    std::error_code failed;
    if (std::filesystem::create_directory(work_dir + "/" + name, failed)) return name;
    if (failed && failed != std::errc::file_exists) {
      throw Error(ErrorKind::system,
                  "cannot make the folder " + work_dir + "/" + name + ": " + failed.message());
    }
    name = run + "_" + std::to_string(number);
  }
}

RunLog::RunLog(std::string work_dir, std::string run, PrintLine print_line)
    : work_dir_(std::move(work_dir)),
      run_(std::move(run)),
      folder_(folder_of(work_dir_, run_)),
      print_line_(std::move(print_line)),
      text_(opened(work_dir_ + "/" + run_ + "/" + run_ + ".log")),
      json_(opened(folder_ + "/" + run_ + ".json")),
      scalars_(opened(folder_ + "/scalars.json")) {}

RunLog::RunLog(std::string work_dir, std::string run, int rank, PrintLine print_line)
    : work_dir_(std::move(work_dir)),
      run_(std::move(run)),
      folder_(work_dir_ + "/" + run_ + "/vis_data"),
      print_line_(std::move(print_line)) {
  try {
    text_ = opened(work_dir_ + "/" + run_ + "/" + run_ + "_rank" + std::to_string(rank) + ".log");
  } catch (const Error& error) {
    print(stamped("WARNING", error.text() + "; this rank has no log"));
  }
}

std::string RunLog::stamped(const char* level, const std::string& line) const {
  return time_text("%Y/%m/%d %H:%M:%S") + " - pinfeed - " + level + " - " + line;
}

void RunLog::print(const std::string& line) {
  if (print_line_) print_line_(line);
}

// A log that cannot be written must not end a training of days. Each failure is printed once, and
// each line is tried again.
template <class Write>
void RunLog::guarded(AppendedFile& file, Write write) {
  try {
    if (file.removed()) {
      file = opened_again(file.path());
      print(stamped("WARNING", file.path() + " was removed; it is written anew"));
    }
    write(file);
  } catch (const Error& error) {
    if (!failures_.insert(error.text()).second) return;
    print(stamped("WARNING", error.text() + "; training goes on without these lines of the log"));
  }
}

void RunLog::write(const char* level, const std::string& line) {
  const std::string whole = stamped(level, line);
  print(whole);
  if (text_) guarded(*text_, [&](AppendedFile& file) { file.add(whole); });
}

void RunLog::info(const std::string& line) { write("INFO", line); }

void RunLog::warning(const std::string& line) { write("WARNING", line); }

void RunLog::scalars(const std::string& json) {
  for (std::optional<AppendedFile>* file : {&json_, &scalars_}) {
    if (*file) guarded(**file, [&](AppendedFile& lines) { lines.add(json); });
  }
}

AppendedFile RunLog::further_file(const std::string& name) const {
  return opened(folder_ + "/" + name);
}

void RunLog::append(AppendedFile& file, std::string_view bytes) {
  guarded(file, [&](AppendedFile& whole) { whole.add_bytes(bytes); });
}

}  // namespace pinfeed

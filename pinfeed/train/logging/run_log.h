// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "pinfeed/core/file.h"

namespace pinfeed {

/// Prints one line of the log, to stderr in a command.
using PrintLine = std::function<void(const std::string&)>;

/// The logs of one run: <work dir>/<run>/<run>.log as text, and <run>/vis_data/<run>.json and
/// scalars.json with one JSON object per line. Lines that cannot be written are left out with a
/// warning to print_line; files that were removed are made again. A later rank of a run has the
/// text only. One thread.
class RunLog {
 public:
  /// Creates the folders and files; a link in place of a file is an error. `run` is the start time,
  /// "20260102_030405". Throws Error(system).
  RunLog(std::string work_dir, std::string run, PrintLine print_line);
  /// The log of a later rank, <work dir>/<run>/<run>_rank<rank>.log. Where it cannot be written,
  /// print_line gets a warning and there is no file.
  RunLog(std::string work_dir, std::string run, int rank, PrintLine print_line);

  /// "2026/01/02 03:04:05 - pinfeed - INFO - <line>", to the log and to print_line.
  void info(const std::string& line);
  void warning(const std::string& line);
  /// One JSON object.
  void scalars(const std::string& json);
  /// A further file in folder(), for append(). Throws Error(system).
  AppendedFile further_file(const std::string& name) const;
  /// Appends the bytes to it by the same rules.
  void append(AppendedFile& file, std::string_view bytes);

  const std::string& work_dir() const { return work_dir_; }
  const std::string& run() const { return run_; }
  /// <work dir>/<run>/vis_data.
  const std::string& folder() const { return folder_; }

 private:
  std::string stamped(const char* level, const std::string& line) const;
  void print(const std::string& line);
  void write(const char* level, const std::string& line);
  template <class Write>
  void guarded(AppendedFile& file, Write write);

  std::string work_dir_;
  std::string run_;
  std::string folder_;
  PrintLine print_line_;
  std::optional<AppendedFile> text_ = {};
  std::optional<AppendedFile> json_ = {};
  std::optional<AppendedFile> scalars_ = {};
  std::set<std::string> failures_ = {};  // that were printed
};

/// The current local time in a format of strftime.
std::string time_text(const char* pattern);

/// Creates the folder of a run in the work dir and returns its name: `run`, or "<run>_2" and so on
/// where another run has it already, also when both start at the same moment. Throws Error(system).
std::string claimed_run(const std::string& work_dir, const std::string& run);

/// Creates a writable folder and its parents. Throws Error(system).
void make_folder(const std::string& path);

}  // namespace pinfeed

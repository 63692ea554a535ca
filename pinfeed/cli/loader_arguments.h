// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "pinfeed/cli/command.h"
#include "pinfeed/cli/rank_processes.h"
#include "pinfeed/core/trace.h"
#include "pinfeed/data/loader/loader.h"

namespace pinfeed::cli {

/// The options of every command that runs a loader: `--split`, `--seed`, `--start EPOCH:BATCH`,
/// `--threads`, `--rank`, `--world-size`, `--launcher`.
struct LoaderArguments {
  ConfigArguments config = {};
  std::string split = "train";
  std::optional<std::int64_t> seed = {};
  std::string start = {};
  int threads = 0;
  std::optional<int> rank = {};        // empty: that of the launcher
  std::optional<int> world_size = {};  // empty: that of the launcher
  bool no_cache = false;               // ignore pinfeed.cache
  LauncherArguments launcher = {};
  // Not options: set by commands that measure or show.
  std::optional<int> prefetch = {};
  std::shared_ptr<Trace> trace = {};
  bool keep_steps = false;
  bool warns = true;  // make() prints warnings on stderr

  /// Reads the config and builds the loader, at --start if given.
  Loader make() const;
  /// The same for a config that was read with config.read_to_run().
  Loader make(const Config& read) const;
};
void add_loader_arguments(CLI::App& command, LoaderArguments& arguments);

/// "EPOCH:BATCH" as two numbers. Throws Error(config).
LoaderState loader_position(const std::string& text);

}  // namespace pinfeed::cli

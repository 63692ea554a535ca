// SPDX-License-Identifier: Apache-2.0
// The processes of several ranks.
#pragma once

#include <string>

#include "pinfeed/cli/command.h"
#include "pinfeed/core/ranks.h"

namespace pinfeed::cli {

/// The option --launcher of a command.
struct LauncherArguments {
  std::string launcher = {};  // empty: that of the config

  /// The ranks of the launcher, or of the config if the option is not given.
  Ranks ranks(const Value& config) const;
};
void add_launcher_option(CLI::App& command, LauncherArguments& arguments);

/// The option --nproc of a command; 0: this process alone.
void add_nproc_option(CLI::App& command, int& nproc);

/// If `nproc` is above 0 and this process is not one of the ranks already: starts this command once
/// for each rank, forwards signals to the ranks, shows the output of rank 0, and ends with Exit
/// when all have ended: with the exit code of the first rank that failed. The other ranks then have
/// a minute to end by themselves. Throws Error(system), Error(config).
void run_as_ranks(int nproc);

/// Only rank 0 prints on stdout, and messages on stderr. Errors are printed by every rank.
void print_as_rank(const Ranks& ranks);

}  // namespace pinfeed::cli

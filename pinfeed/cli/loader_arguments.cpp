// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/loader_arguments.h"

#include <charconv>

#include "pinfeed/core/error.h"
#include "pinfeed/data/catalogs.h"

namespace pinfeed::cli {
namespace {

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool all = fault == std::errc() && end == text.data() + text.size() && !text.empty();
  return all && number >= 0 ? std::optional(number) : std::nullopt;
}

// Far beyond any training; positions of samples are computed from them.
constexpr std::int64_t last_epoch = 1'000'000;
constexpr std::int64_t last_batch = 1'000'000'000;  // of an endless sampler

void seek_within_epoch(Loader& loader, const LoaderState& position) {
  if (position.epoch > last_epoch || position.batch > last_batch) {
    throw Error(ErrorKind::config, "--start is " + std::to_string(position.epoch) + ":" +
                                       std::to_string(position.batch) +
                                       "; the epoch must be from 0 to " +
                                       std::to_string(last_epoch) + ", the batch from 0 to " +
                                       std::to_string(last_batch));
  }
  const std::int64_t batches = loader.batches_per_epoch();
  if (!loader.endless() && position.batch >= batches) {
    throw Error(ErrorKind::config, "--start names batch " + std::to_string(position.batch) +
                                       "; an epoch has " + std::to_string(batches) +
                                       ", counted from 0");
  }
  loader.seek(position);
}

}  // namespace

LoaderState loader_position(const std::string& text) {
  const std::size_t colon = text.find(':');
  const auto epoch = whole_number(std::string_view(text).substr(0, colon));
  const auto batch = colon == std::string::npos
                         ? std::nullopt
                         : whole_number(std::string_view(text).substr(colon + 1));
  if (!epoch || !batch) {
    throw Error(ErrorKind::config,
                "--start is '" + text + "'; it must be EPOCH:BATCH, two numbers of at least 0");
  }
  return {*epoch, *batch};
}

void add_loader_arguments(CLI::App& command, LoaderArguments& arguments) {
  add_config_arguments(command, arguments.config);
  command.add_option("--split", arguments.split, "train, val or test")
      ->check(CLI::IsMember({"train", "val", "test"}));
  command.add_option("--seed", arguments.seed, "replaces randomness.seed of the config")
      ->check(at_least(0));
  command.add_option("--start", arguments.start, "EPOCH:BATCH of the first batch, counted from 0");
  command.add_option("--threads", arguments.threads, "number of render threads")
      ->check(in_range(1, max_threads));
  command
      .add_option("--rank", arguments.rank,
                  "load the batches of this rank, counted from 0 (default: that of the launcher)")
      ->check(at_least(0));
  command
      .add_option("--world-size", arguments.world_size,
                  "number of ranks that share the data set (default: that of the launcher)")
      ->check(in_range(1, 1'000'000));
  command.add_flag("--no-cache", arguments.no_cache, "ignore pinfeed.cache of the config");
  add_launcher_option(command, arguments.launcher);
}

Loader LoaderArguments::make() const { return make(config.read_to_run()); }

Loader LoaderArguments::make(const Config& read) const {
  LoaderOptions options = loader_options(read.root);
  if (seed) options.seed = static_cast<std::uint64_t>(*seed);
  if (threads > 0) options.threads = threads;
  if (no_cache) options.cache = {};
  if (prefetch) options.prefetch = *prefetch;
  // --rank or --world-size alone mean rank 0 or one rank, whatever the launcher says.
  const Ranks found = rank || world_size ? Ranks{} : launcher.ranks(read.root);
  options.rank = rank.value_or(found.rank);
  options.world_size = world_size.value_or(found.world_size);
  if (options.rank >= options.world_size) {
    throw Error(ErrorKind::config, "--rank is " + std::to_string(options.rank) +
                                       " of --world-size " + std::to_string(options.world_size) +
                                       "; ranks count from 0");
  }
  options.trace = trace;
  options.keep_steps = keep_steps;
  Loader loader = make_loader(read.root, split + "_dataloader", config.catalogs(), options);
  if (warns) {
    const auto warn = [](const std::string& text) { say("warning: " + text); };
    for (const std::string& warning : loader.dataset().warnings) warn(warning);
    loader.warn_to(warn);
  }
  if (!start.empty()) seek_within_epoch(loader, loader_position(start));
  return loader;
}

}  // namespace pinfeed::cli

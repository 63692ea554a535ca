// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "pinfeed/cli/command.h"
#include "pinfeed/cli/loader_arguments.h"
#include "pinfeed/cli/memory_text.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/memory/host_memory.h"

namespace pinfeed::cli {
namespace {

struct MemoryArguments {
  LoaderArguments loader = {};
  std::string plot_file = {};
  bool json = false;
};

// The size of a large batch, limited to 1/64 of RAM.
std::size_t block_bytes() { return std::min(std::size_t{64} << 20U, ram_bytes() / 64); }

// The size of the first batch of the config's loader.
std::size_t first_batch_bytes(const LoaderArguments& arguments) {
  Loader loader = arguments.make();
  if (loader.batches_per_epoch() == 0) {
    throw Error(ErrorKind::data, "the data set is empty: there is no batch to measure");
  }
  std::optional<Batch> batch;
  while (!batch) batch = loader.next();
  return batch->bytes().size;
}

void run(const MemoryArguments& arguments) {
  MemoryReport report;
  if (!arguments.loader.config.path.empty()) {
    report.batch_bytes = first_batch_bytes(arguments.loader);
  }
  report.rates = measure_memory(block_bytes());
  if (!arguments.plot_file.empty()) {
    write_atomically(arguments.plot_file,
                     [&](FileWriter& writer) { writer.write(bars_svg(rates_chart(report))); });
  }
  if (arguments.json) return print(json_of(report));
  print(rates_table(report) + "\n" + explanation(report));
}

}  // namespace

void add_memory(CLI::App& app) {
  auto arguments = std::make_shared<MemoryArguments>();
  CLI::App* command =
      app.add_subcommand("memory", "measures and explains pageable, pinned and device memory");
  add_loader_arguments(*command, arguments->loader);
  CLI::Option* config = command->get_option("config")->required(false)->description(
      "an OpenMMLab config; adds the copy times of its batches");
  for (CLI::Option* option : command->get_options()) {
    if (option != config && option != command->get_help_ptr()) option->needs(config);
  }
  command->add_option("--plot", arguments->plot_file, "plot the table to F.svg")
      ->check(file_ending({".svg"}));
  command->add_flag("--json", arguments->json, "print one JSON object");
  command->callback([arguments] { run(*arguments); });
}

}  // namespace pinfeed::cli

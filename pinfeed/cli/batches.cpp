// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "pinfeed/cli/batch_comparison.h"
#include "pinfeed/cli/command.h"
#include "pinfeed/cli/loader_arguments.h"
#include "pinfeed/core/error.h"
#include "pinfeed/data/collate.h"
#include "pinfeed/formats/safetensors_spool.h"
#include "pinfeed/inspect/digest.h"
#include "pinfeed/inspect/dump.h"

namespace pinfeed::cli {
namespace {

struct BatchesArguments {
  LoaderArguments loader = {};
  std::int64_t epochs = 1;
  std::optional<std::int64_t> limit = {};
  bool hash = false;
  std::string dump = {};
  std::string against = {};
};

std::string line_of_batch(const Batch& batch, bool hash) {
  const std::string begin = fmt::format("{} {} ", batch.epoch(), batch.index());
  if (hash) return begin + digest(batch);
  std::string sizes;
  for (const ImageSlot& image : batch.images()) {
    sizes += (sizes.empty() ? "" : ",") + to_string(image.image.size());
  }
  return begin + fmt::format("{} {}", batch.samples().size(), sizes);
}

void append(SafetensorsSpool& file, const Batch& batch, std::int64_t number) {
  const DumpedBatch dump = dumped(batch, number);
  for (const auto& [name, tensor] : dump.tensors) file.add(name, tensor);
  for (const auto& [name, text] : dump.metadata) file.add_text(name, text);
}

// An endless sampler has no epochs: the length of the data set counts as one.
bool finished(const Loader& loader, const BatchesArguments& arguments, std::int64_t first_epoch,
              std::int64_t done) {
  if (done >= arguments.limit.value_or(std::numeric_limits<std::int64_t>::max())) return true;
  if (loader.endless()) return done / loader.batches_per_epoch() >= arguments.epochs;
  return loader.state().epoch - first_epoch >= arguments.epochs;
}

// Calls `use` with each batch of the run and its number.
void for_each_batch(const BatchesArguments& arguments,
                    const std::function<void(const Batch&, std::int64_t)>& use) {
  Loader loader = arguments.loader.make();
  if (loader.batches_per_epoch() == 0) return;
  const std::int64_t first_epoch = loader.state().epoch;
  std::int64_t done = 0;
  while (!finished(loader, arguments, first_epoch, done)) {
    const std::optional<Batch> batch = loader.next();
    if (batch) use(*batch, done++);
  }
}

// With --limit the file can have more batches.
void compare(const BatchesArguments& arguments) {
  BatchComparison comparison(arguments.against);
  const auto end_with = [](const std::string& difference) {
    if (difference.empty()) return;
    print(difference);
    throw Exit{1};
  };
  for_each_batch(arguments,
                 [&](const Batch& batch, std::int64_t) { end_with(comparison.compare(batch)); });
  if (!arguments.limit) end_with(comparison.remaining());
  print(fmt::format("equal: {} batches", comparison.compared()));
}

void run(const BatchesArguments& arguments) {
  if (!arguments.against.empty()) return compare(arguments);
  std::optional<SafetensorsSpool> file;
  if (!arguments.dump.empty()) file.emplace(arguments.dump);
  for_each_batch(arguments, [&](const Batch& batch, std::int64_t number) {
    if (arguments.hash || arguments.dump.empty()) print(line_of_batch(batch, arguments.hash));
    if (file) append(*file, batch, number);
  });
  if (file) file->finish();
}

}  // namespace

void add_batches(CLI::App& app) {
  auto arguments = std::make_shared<BatchesArguments>();
  CLI::App* command =
      app.add_subcommand("batches", "runs the loader, and prints or writes its batches");
  add_loader_arguments(*command, arguments->loader);
  command->add_option("--epochs", arguments->epochs, "number of epochs")
      ->check(in_range(1, 1'000'000));
  command->add_option("--limit", arguments->limit, "maximum number of batches, over all epochs")
      ->check(at_least(0));
  CLI::Option* hash = command->add_flag("--hash", arguments->hash,
                                        "print a digest for each batch: epoch batch digest");
  CLI::Option* dump =
      command->add_option("--dump", arguments->dump, "write the batches to this safetensors file");
  command
      ->add_option(
          "--against", arguments->against,
          "compare with a file of --dump or --hash of another run; exit with 1 at the first "
          "batch that differs")
      ->excludes(hash, dump);
  command->callback([arguments] { run(*arguments); });
}

}  // namespace pinfeed::cli

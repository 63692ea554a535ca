// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "pinfeed/cli/command.h"
#include "pinfeed/cli/loader_arguments.h"
#include "pinfeed/core/error.h"
#include "pinfeed/data/dataset.h"
#include "pinfeed/image/codec/codec.h"
#include "pinfeed/inspect/contact_sheet.h"
#include "pinfeed/inspect/step_strip.h"

namespace pinfeed::cli {
namespace {

struct ShowArguments {
  LoaderArguments loader = {};
  std::string out = "sheet.png";
  int count = 8;
  int columns = 0;  // 0: show the steps, a row for each sample
};

// Calls `visit(batch, i)` for the first samples of the loader. Returns how many there were.
template <class Visit>
int each_sample(Loader& loader, int count, Visit visit) {
  int seen = 0;
  while (seen < count) {
    const std::optional<Batch> batch = loader.next();
    if (!batch) break;
    const int rest = std::min(count - seen, static_cast<int>(batch->samples().size()));
    for (int i = 0; i < rest; ++i) visit(*batch, static_cast<std::size_t>(i));
    seen += rest;
  }
  return seen;
}

// A row for each sample. Shorter strips are filled with blank tiles.
image::Image sheet_of(const std::vector<std::vector<image::Image>>& strips) {
  std::size_t longest = 0;
  for (const auto& strip : strips) longest = std::max(longest, strip.size());
  std::vector<image::Image> tiles;
  const Size size = strips.front().front().size();
  for (const auto& strip : strips) {
    tiles.insert(tiles.end(), strip.begin(), strip.end());
    for (std::size_t i = strip.size(); i < longest; ++i) tiles.push_back(blank_tile(size));
  }
  return contact_sheet(tiles, static_cast<int>(longest));
}

void run(ShowArguments arguments) {
  const bool with_steps = arguments.columns == 0;
  arguments.loader.keep_steps = with_steps;
  Loader loader = arguments.loader.make();
  if (loader.batches_per_epoch() == 0) {
    throw Error(ErrorKind::data, "the data set is empty: there is nothing to show");
  }
  const TileStyle style{.classes = &loader.dataset().metainfo.classes,
                        .side = with_steps ? 256 : 320,
                        .titled = with_steps};
  std::vector<std::vector<image::Image>> strips;
  std::vector<image::Image> tiles;
  const int seen = each_sample(loader, arguments.count, [&](const Batch& batch, std::size_t i) {
    if (with_steps)
      strips.push_back(step_strip(batch, i, style));
    else
      tiles.push_back(final_tile(batch, i, style));
  });
  image::write_png(with_steps ? sheet_of(strips) : contact_sheet(tiles, arguments.columns),
                   arguments.out);
  say(fmt::format("wrote {} samples to {}", seen, arguments.out));
}

}  // namespace

void add_show(CLI::App& app) {
  auto arguments = std::make_shared<ShowArguments>();
  CLI::App* command = app.add_subcommand(
      "show", "draws samples after each step of the pipeline as a contact sheet");
  add_loader_arguments(*command, arguments->loader);
  command->add_option("--out", arguments->out, "the PNG file to write");
  command->add_option("--count", arguments->count, "number of samples")->check(in_range(1, 10'000));
  command
      ->add_option("--columns", arguments->columns,
                   "draw only the final samples, this many in a row")
      ->check(in_range(1, 1000));
  command->callback([arguments] { run(*arguments); });
}

}  // namespace pinfeed::cli

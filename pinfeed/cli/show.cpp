// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "pinfeed/cli/command.h"
#include "pinfeed/cli/loader_arguments.h"
#include "pinfeed/core/error.h"
#include "pinfeed/data/sheet.h"
#include "pinfeed/image/codec.h"
#include "pinfeed/image/draw.h"
#include "pinfeed/image/render.h"

namespace pinfeed::cli {
namespace {

constexpr int tile_side = 320;

struct ShowArguments {
  LoaderArguments loader = {};
  std::string out = "sheet.png";
  int count = 12;
  int columns = 4;
};

// The sample in a square tile, as large as fits, with its boxes.
image::Image tile_of(const Batch& batch, std::size_t i, const std::vector<std::string>& classes) {
  const image::Image picture = shown_picture(batch, i);
  const double scale = static_cast<double>(tile_side) / std::max(picture.width(), picture.height());
  const Size size = {std::max(1, static_cast<int>(std::lround(picture.width() * scale))),
                     std::max(1, static_cast<int>(std::lround(picture.height() * scale)))};
  Arena arena;
  const image::Picture fitted = image::padded(
      image::resized(image::plain(picture.view(), arena), size, image::Interpolation::bilinear),
      {tile_side, tile_side}, {236, 236, 236});
  image::Image tile = image::render(fitted);
  draw_boxes(tile.view(), batch.samples()[i], classes,
             static_cast<double>(size.width) / picture.width(),
             static_cast<double>(size.height) / picture.height());
  return tile;
}

void run(const ShowArguments& arguments) {
  Loader loader = arguments.loader.make();
  if (loader.batches_per_epoch() == 0) {
    throw Error(ErrorKind::data, "the data set is empty: there is nothing to show");
  }
  std::vector<image::Image> tiles;
  while (static_cast<int>(tiles.size()) < arguments.count) {
    const std::optional<Batch> batch = loader.next();
    if (!batch) break;
    for (std::size_t i = 0; i < batch->samples().size(); ++i) {
      if (static_cast<int>(tiles.size()) == arguments.count) break;
      tiles.push_back(tile_of(*batch, i, loader.dataset().metainfo.classes));
    }
  }
  image::write_png(contact_sheet(tiles, arguments.columns), arguments.out);
  say(fmt::format("{} samples drawn in {}", tiles.size(), arguments.out));
}

}  // namespace

void add_show(CLI::App& app) {
  auto arguments = std::make_shared<ShowArguments>();
  CLI::App* command =
      app.add_subcommand("show", "a contact sheet of augmented samples with their boxes");
  add_loader_arguments(*command, arguments->loader);
  command->add_option("--out", arguments->out, "the PNG to write");
  command->add_option("--count", arguments->count, "samples")->check(at_least(1));
  command->add_option("--columns", arguments->columns, "samples in a row")->check(at_least(1));
  command->callback([arguments] { run(*arguments); });
}

}  // namespace pinfeed::cli

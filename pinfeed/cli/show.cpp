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

bool is_jpeg(const std::string& path) {
  return has_ending(path, ".jpg") || has_ending(path, ".jpeg");
}

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

// Writes a PNG or, by the file's extension, a JPEG.
void write_sheet(const image::Image& sheet, const std::string& path) {
  if (is_jpeg(path))
    image::write_jpeg(sheet, path, /*quality=*/92);
  else
    image::write_png(sheet, path);
}

std::string file_of(const Sample& sample) {
  return std::string(sample.file_name.empty() ? sample.img_path : sample.file_name);
}

// A row for each sample below the name of its file. Shorter strips are filled with blank tiles.
class StepSheet {
 public:
  void add(const Batch& batch, std::size_t i, const TileStyle& style) {
    strips_.push_back(step_strip(batch, i, style));
    files_.push_back(file_of(batch.samples()[i]));
  }

  image::Image sheet() const {
    std::size_t longest = 0;
    for (const auto& strip : strips_) longest = std::max(longest, strip.size());
    std::vector<image::Image> tiles;
    const Size size = strips_.front().front().size();
    for (const auto& strip : strips_) {
      tiles.insert(tiles.end(), strip.begin(), strip.end());
      for (std::size_t i = strip.size(); i < longest; ++i) tiles.push_back(blank_tile(size));
    }
    return contact_sheet(tiles, static_cast<int>(longest), files_);
  }

 private:
  std::vector<std::vector<image::Image>> strips_ = {};
  std::vector<std::string> files_ = {};
};

constexpr auto late_objects =
    "warning: the objects are loaded after a step that changed the image: they keep the "
    "coordinates of the stored image, with which a training would not find them; put "
    "LoadAnnotations before that step";

void run(ShowArguments arguments) {
  const bool with_steps = arguments.columns == 0;
  const bool trains = arguments.loader.split == "train";
  arguments.loader.keep_steps = true;
  Loader loader = arguments.loader.make();
  if (loader.batches_per_epoch() == 0) {
    throw Error(ErrorKind::data, "the data set is empty: there is nothing to show");
  }
  const TileStyle style{.classes = &label_names(loader.dataset().metainfo),
                        .side = with_steps ? 256 : 320,
                        .titled = true,
                        .objects_of_stored_image = !trains};
  StepSheet steps;
  std::vector<image::Image> tiles;
  bool late = false;
  const int seen = each_sample(loader, arguments.count, [&](const Batch& batch, std::size_t i) {
    late = late || loads_objects_late(batch, i);
    if (with_steps)
      steps.add(batch, i, style);
    else
      tiles.push_back(final_tile(batch, i, style, file_of(batch.samples()[i])));
  });
  if (late && trains) say(late_objects);
  write_sheet(with_steps ? steps.sheet() : contact_sheet(tiles, arguments.columns), arguments.out);
  say(fmt::format("wrote {} samples to {}", seen, arguments.out));
}

}  // namespace

void add_show(CLI::App& app) {
  auto arguments = std::make_shared<ShowArguments>();
  CLI::App* command = app.add_subcommand(
      "show", "draws samples after each step of the pipeline as a contact sheet");
  add_loader_arguments(*command, arguments->loader);
  command->add_option("--out", arguments->out, "the PNG or JPEG file to write")
      ->check(file_ending({".png", ".jpg", ".jpeg"}));
  command->add_option("--count", arguments->count, "number of samples")->check(in_range(1, 10'000));
  command
      ->add_option("--columns", arguments->columns,
                   "draw only the final samples, this many in a row")
      ->check(in_range(1, 1000));
  command->callback([arguments] { run(*arguments); });
}

}  // namespace pinfeed::cli

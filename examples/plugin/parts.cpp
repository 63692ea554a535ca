// SPDX-License-Identifier: Apache-2.0
// A plugin with one part of each data kind. Usage: pinfeed batches config.py --plugin
// libexample_plugin.so
#include "pinfeed/plugin.h"

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace pf = pinfeed;
namespace mine {

struct CutMiddle {
  static constexpr auto name = "CutMiddle";
  int side = 32;  // pixels
};
void describe(pf::Schema<CutMiddle>& schema) {
  schema.summary("Keeps a square in the middle of the image.")
      .optional("side", &CutMiddle::side, "side of the square, pixels", pf::at_least(1));
}
pf::FieldUse fields(const CutMiddle&) { return {pf::Field::image, pf::Field::image, {}}; }
bool apply(const CutMiddle& params, pf::Sample& sample, pf::RandomContext&) {
  const auto [width, height] = sample.image.size();
  const int side = std::min({params.side, width, height});
  const pf::Rect middle = {(width - side) / 2, (height - side) / 2, side, side};
  sample.image = pf::image::cropped(sample.image, middle);
  sample.img_shape = {side, side};
  return true;
}

struct ListedImages {
  static constexpr auto name = "ListedImages";
  std::string list = {};
  pf::ConfigSteps pipeline = {};
};
void describe(pf::Schema<ListedImages>& schema) {
  schema.summary("Images listed in a text file, one path per line.")
      .required("list", &ListedImages::list, "path of the text file")
      .required("pipeline", &ListedImages::pipeline, "the steps, in order");
}
pf::Dataset make(const ListedImages& params, const pf::BuildContext& context) {
  std::ifstream file(params.list);
  if (!file) throw pf::Error(pf::ErrorKind::data, "cannot open " + params.list);
  auto paths = std::make_shared<std::vector<std::string>>();
  for (std::string line; std::getline(file, line);) paths->push_back(line);
  pf::Dataset dataset{.name = ListedImages::name, .size = std::ssize(*paths)};
  dataset.get = [paths](std::int64_t index, pf::Arena& arena) {
    pf::Sample sample(arena);
    sample.fields = pf::Field::path;
    sample.index = sample.img_id = index;
    sample.img_path = sample.file_name = (*paths)[static_cast<std::size_t>(index)];
    return sample;
  };
  set_pipeline(dataset, make_steps(params.pipeline, context), pf::Field::path);
  return dataset;
}

struct BackwardSampler {
  static constexpr auto name = "BackwardSampler";
};
void describe(pf::Schema<BackwardSampler>& schema) {
  schema.summary("Reads the records in reverse order.");
}
pf::Sampler make(const BackwardSampler&, const pf::SamplerContext& context) {
  const std::int64_t size = context.dataset_size;
  const auto backward = [size](std::int64_t k) { return size - 1 - k; };
  const auto order = [size, backward](std::int64_t) { return pf::Order{size, backward}; };
  return {.name = BackwardSampler::name, .order = order};
}

struct ImagesOnly {
  static constexpr auto name = "images_only";
};
void describe(pf::Schema<ImagesOnly>& schema) {
  schema.summary("Stacks the images into one tensor.");
}
pf::Layout layout(const ImagesOnly&, std::span<const pf::TreeNode> samples, pf::Arena& arena) {
  std::pmr::vector<pf::image::ImageExpr> images(&arena);
  for (const pf::TreeNode& sample : samples) {
    images.push_back(*sample.find("inputs")->as<pf::image::ImageExpr>());
  }
  pf::Layout made(arena);
  made.batch = pf::map_node(arena);
  set(made.batch, "inputs", {made.stack(images)});
  return made;
}

}  // namespace mine

void pinfeed_add_parts(pf::Catalogs& catalogs) {
  catalogs.transforms.add<mine::CutMiddle>();
  catalogs.datasets.add<mine::ListedImages>();
  catalogs.samplers.add<mine::BackwardSampler>();
  catalogs.collates.add<mine::ImagesOnly>();
}

// SPDX-License-Identifier: Apache-2.0
// A loader with a transform and a collate of the program's own: loader_example CONFIG
#include <cstdio>

#include "pinfeed/pinfeed.h"

namespace pf = pinfeed;
namespace mine {
struct KeepTop {  // keeps a random part of the image's height, between `least` and 1
  static constexpr auto name = "KeepTop";
  double least = 0.5;
};
void describe(pf::Schema<KeepTop>& schema) {
  schema.summary("Keeps the top of the image.")
      .optional("least", &KeepTop::least, "smallest part of the height", pf::between(0.01, 1));
}
pf::FieldUse fields(const KeepTop&) { return {pf::Field::image, pf::Field::image, {}}; }
bool apply(const KeepTop& params, pf::Sample& sample, pf::RandomContext& random) {
  const auto [width, height] = sample.image.size();
  const int kept = std::max(1, static_cast<int>(height * random.numpy.uniform(params.least, 1.0)));
  sample.image = pf::image::cropped(sample.image, {0, 0, width, kept});
  sample.img_shape = {width, kept};
  return true;
}

struct ImagesOnly {  // one tensor of all images, padded with black to the largest
  static constexpr auto name = "images_only";
};
void describe(pf::Schema<ImagesOnly>& schema) { schema.summary("The images alone, padded."); }
pf::Layout layout(const ImagesOnly&, std::span<const pf::TreeNode> samples, pf::Arena& arena) {
  pf::Layout batch(arena);
  std::pmr::vector<pf::image::ImageExpr> images(&arena);
  pf::Size largest;
  for (const pf::TreeNode& sample : samples) {
    const auto [width, height] =
        images.emplace_back(*sample.find("inputs")->as<pf::image::ImageExpr>()).size();
    largest = {std::max(largest.width, width), std::max(largest.height, height)};
  }
  const std::pmr::vector<double> black(samples.size(), 0.0, &arena);
  batch.batch.value = batch.stack_padded(images, largest, black);
  return batch;
}

}  // namespace mine

int main(int, char** arguments) try {
  const pf::Config config = pf::read_config(arguments[1]);
  pf::Catalogs catalogs = pf::builtin();
  catalogs.transforms.add<mine::KeepTop>();
  catalogs.collates.add<mine::ImagesOnly>();
  pf::Loader loader = make_loader(config.root, "train_dataloader", catalogs, {.seed = 1});
  while (const auto batch = loader.next()) {
    const pf::Shape& shape = batch->data().as<pf::Tensor>()->shape;
    std::printf("%ld: %ld images, %ld rows\n", batch->index(), shape[0], shape[2]);
  }
} catch (const pf::Error& error) {
  std::fputs(error.what(), stderr);
  return exit_code(error.kind());
}

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/run/reconstruction_picture.h"

#include <algorithm>
#include <cstring>

#include "pinfeed/image/codec/codec.h"

namespace pinfeed {
namespace {

constexpr std::int64_t line_width = 4;  // pixels between images
constexpr std::int64_t drawn_rows = 8;  // images that are drawn, at most
constexpr int smallest_side = 128;      // of an image in the picture; smaller ones are enlarged

// One value per channel, as (3, 1, 1).
torch::Tensor per_channel(const std::vector<float>& values, float standard) {
  std::vector<float> three(3, standard);
  for (std::size_t i = 0; i < three.size() && !values.empty(); ++i)
    three[i] = values[std::min(i, values.size() - 1)];
  return torch::tensor(three).view({3, 1, 1});
}

// The pixels before the preprocessor, (N, 3, H, W) uint8.
torch::Tensor pixels_of(const torch::Tensor& images, const Preprocessing& preprocessing) {
  const torch::Tensor values =
      images.detach().to(torch::kCPU, torch::kFloat32) * per_channel(preprocessing.std, 1.0F) +
      per_channel(preprocessing.mean, 0.0F);
  const torch::Tensor rounded = values.round().clamp(0, 255).to(torch::kUInt8);
  return preprocessing.reverse_channels ? rounded.flip({1}) : rounded;
}

torch::Tensor enlarged(const torch::Tensor& pixels) {
  const std::int64_t factor = (smallest_side + pixels.size(3) - 1) / pixels.size(3);
  return pixels.repeat_interleave(factor, 2).repeat_interleave(factor, 3);
}

// False when the data gives no batch.
bool draw_pictures(const TrainParts& parts, const Preprocessing& preprocessing,
                   const std::string& path) {
  std::optional<ModelInput> input = parts.feed->next();
  if (!input) input = parts.feed->next();  // the end of an epoch
  if (!input) return false;
  input->images = input->images.narrow(0, 0, std::min(drawn_rows, input->images.size(0)));
  const torch::NoGradGuard no_gradients;
  parts.model->eval();
  image::write_png(picture_of(parts.model->pictures(*input), preprocessing), path);
  return true;
}

}  // namespace

image::Image picture_of(const std::vector<torch::Tensor>& columns,
                        const Preprocessing& preprocessing) {
  std::vector<torch::Tensor> strips;
  for (const torch::Tensor& column : columns) {
    const torch::Tensor pixels = enlarged(pixels_of(column, preprocessing));
    strips.push_back(torch::constant_pad_nd(pixels, {line_width, 0, line_width, 0}, 255)
                         .permute({0, 2, 3, 1})
                         .flatten(0, 1));
  }
  const torch::Tensor picture =
      torch::constant_pad_nd(torch::cat(strips, 1), {0, 0, 0, line_width, 0, line_width}, 255)
          .contiguous();
  image::Image image =
      image::make_image({static_cast<int>(picture.size(1)), static_cast<int>(picture.size(0))});
  for (int y = 0; y < image.height(); ++y)
    std::memcpy(image.view().row(y), picture[y].data_ptr(), picture[y].nbytes());
  return image;
}

void report_reconstructions(const TrainParts& parts, const Preprocessing& preprocessing,
                            const Metainfo& dataset, RunLog& log) {
  const std::string path = log.work_dir() + "/reconstructions.png";
  std::vector<std::string> known;
  if (!parts.model->has_pictures()) return;
  try {
    if (draw_pictures(parts, fitted(preprocessing, dataset, known), path))
      log.info("images, visible patches and reconstructions: " + path);
  } catch (const std::exception& error) {
    log.warning("the reconstructions are not drawn: " + std::string(error.what()));
  }
}

}  // namespace pinfeed

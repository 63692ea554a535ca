// SPDX-License-Identifier: Apache-2.0
// Two epochs of a data loader, with a learning rate for each iteration: epochs_example CONFIG
#include <cstdio>
#include <optional>
#include <vector>

#include "pinfeed/pinfeed.h"

namespace pf = pinfeed;

// In the place of a training step: the brightness of the batch.
double brightness(const pf::Batch& batch) {
  double sum = 0.0;
  double count = 0.0;
  for (const pf::ImageSlot& image : batch.images()) {
    const pf::image::ImageView pixels = batch.pixels(image);  // (H, W, 3), BGR, uint8
    for (int y = 0; y < pixels.height; ++y) {
      for (int i = 0; i < 3 * pixels.width; ++i) sum += std::to_integer<int>(pixels.row(y)[i]);
    }
    count += 3.0 * pixels.width * pixels.height;
  }
  return sum / count;
}

int main(int count, char** arguments) try {
  if (count != 2) return 2;
  const pf::Config config = pf::read_config(arguments[1]);
  pf::Loader loader = pf::make_loader(config.root, "train_dataloader", pf::builtin(),
                                      pf::loader_options(config.root));
  loader.warn_to([](const std::string& text) { std::fprintf(stderr, "%s\n", text.c_str()); });

  constexpr int epochs = 2;
  const auto iterations = static_cast<double>(epochs * loader.batches_per_epoch());
  const pf::CosineAnnealingParamScheduler cosine = {
      .eta_min = 0.001, .window = {.end = iterations, .by_epoch = false}};
  pf::Schedule schedule({stage(cosine)}, {{.lr = 0.1}});

  std::vector<pf::Box> boxes;  // copies: those of a batch end with it
  for (int epoch = 0; epoch < epochs; ++epoch) {
    // An empty result is the end of the epoch; the call after it begins the next one.
    while (const std::optional<pf::Batch> batch = loader.next()) {
      const double lr = schedule.values()[0].lr;
      std::printf("epoch %ld batch %ld: lr %.6f, brightness %.1f\n", batch->epoch(), batch->index(),
                  lr, brightness(*batch));
      for (const pf::Sample& sample : batch->samples())
        boxes.insert(boxes.end(), sample.boxes.begin(), sample.boxes.end());
      schedule.after_iteration();
    }  // the batch is released here, before next() is called again
    schedule.after_epoch();
  }
  std::printf("%zu boxes\n", boxes.size());
} catch (const pf::Error& error) {
  std::fputs(error.what(), stderr);
  return pf::exit_code(error.kind());
}

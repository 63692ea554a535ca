// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.5.
#include <cstddef>
#include <numeric>

#include "pinfeed/data/boxes.h"
#include "pinfeed/data/transforms/random_flip.h"

namespace pinfeed {
namespace {

using Directions = std::vector<image::FlipDirection>;

Directions directions_of(const RandomFlip& params) {
  if (const auto* one = std::get_if<image::FlipDirection>(&params.direction)) return {*one};
  return std::get<Directions>(params.direction);
}

// One for each direction, and the rest for leaving the image as it is.
std::vector<double> probabilities(const RandomFlip& params) {
  const std::size_t count = directions_of(params).size();
  if (const double* all = std::get_if<double>(&params.prob)) {
    std::vector<double> shares(count, *all / static_cast<double>(count));
    shares.push_back(1.0 - *all);
    return shares;
  }
  auto shares = std::get<std::vector<double>>(params.prob);
  shares.push_back(1.0 - std::accumulate(shares.begin(), shares.end(), 0.0));
  return shares;
}

void check(const RandomFlip& params) {
  if (directions_of(params).empty()) {
    throw Error(ErrorKind::config, "direction is []; it must hold at least one direction");
  }
  const auto* each = std::get_if<std::vector<double>>(&params.prob);
  if (each != nullptr && each->size() != directions_of(params).size()) {
    throw Error(ErrorKind::config, "prob has " + std::to_string(each->size()) + " numbers for " +
                                       std::to_string(directions_of(params).size()) +
                                       " directions");
  }
  for (const double share : probabilities(params)) {
    if (share >= 0.0 && share <= 1.0) continue;
    throw Error(ErrorKind::config, "the probabilities must lie between 0 and 1, all together too");
  }
}

}  // namespace

void describe(Schema<RandomFlip>& schema) {
  schema.summary("Mirrors the image and its boxes with a probability.")
      .optional("prob", &RandomFlip::prob,
                "of all directions together, or one number for each direction")
      .optional("direction", &RandomFlip::direction, "one, or several to choose from")
      .refused("swap_seg_labels", "semantic maps are not read yet")
      .check(check);
}

Transform make(const RandomFlip& params, const BuildContext&) {
  const auto flip_sample = [directions = directions_of(params), shares = probabilities(params)](
                               Sample& sample, RandomContext& random) {
    const std::size_t drawn = random.numpy.choice(shares);
    sample.flip_known = true;
    sample.flip.reset();
    if (drawn >= directions.size()) return true;
    sample.flip = directions[drawn];
    sample.image = image::flipped(sample.image, directions[drawn]);
    for (Box& box : sample.boxes) box = flipped(box, sample.img_shape, directions[drawn]);
    if (sample.fields.has(Field::masks)) flip(sample.masks, directions[drawn], *sample.arena);
    return true;
  };
  return {.name = RandomFlip::name,
          .use = {.needs = Field::image,
                  .updates = Field::image | Field::boxes | Field::masks,
                  .creates = {}},
          .apply = flip_sample,
          .bound = [](const Bound& images) { return images; }};
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.5.
#include "pinfeed/data/transforms/random_flip.h"

#include <cstddef>
#include <numeric>

#include "pinfeed/data/boxes.h"

namespace pinfeed {
namespace {

using Directions = std::vector<image::FlipDirection>;

Directions directions_of(const RandomFlip& params) {
  if (const auto* one = std::get_if<image::FlipDirection>(&params.direction)) return {*one};
  return std::get<Directions>(params.direction);
}

// One probability per direction, then the probability of no flip.
std::vector<double> probabilities(const RandomFlip& params) {
  const std::size_t count = directions_of(params).size();
  if (const double* all = std::get_if<double>(&params.prob.value)) {
    std::vector<double> numbers(count, *all / static_cast<double>(count));
    numbers.push_back(1.0 - *all);
    return numbers;
  }
  auto numbers = std::get<std::vector<double>>(params.prob.value);
  numbers.push_back(1.0 - std::accumulate(numbers.begin(), numbers.end(), 0.0));
  return numbers;
}

void check(const RandomFlip& params) {
  if (directions_of(params).empty()) {
    throw Error(ErrorKind::config, "direction is []; it must hold at least one direction");
  }
  const auto* each = std::get_if<std::vector<double>>(&params.prob.value);
  if (each != nullptr && each->size() != directions_of(params).size()) {
    throw Error(ErrorKind::config, "prob has " + std::to_string(each->size()) + " numbers for " +
                                       std::to_string(directions_of(params).size()) +
                                       " directions");
  }
  for (const double number : probabilities(params)) {
    if (number >= 0.0 && number <= 1.0) continue;
    throw Error(ErrorKind::config, "the probabilities and their sum must be in [0, 1]");
  }
}

}  // namespace

FlipProbability Converter<FlipProbability>::from(const Value& value, const std::string& path) {
  const std::vector<Value> one = {value};
  for (const Value& number : value.is_sequence() ? value.items() : one) {
    if (number.is_float()) continue;
    Error error = wrong_type(value, path, wanted());
    if (number.is_int()) error.help("write " + repr(number) + ".0: upstream refuses an int");
    throw error;
  }
  if (value.is_float()) return {value.real()};
  return {convert<std::vector<double>>(value, path)};
}

Value Converter<FlipProbability>::shown(const FlipProbability& probability) {
  return Converter<std::variant<double, std::vector<double>>>::shown(probability.value);
}

void describe(Schema<RandomFlip>& schema) {
  schema.summary("Flips the image and its objects with a probability.")
      .required("prob", &RandomFlip::prob,
                "probability of all directions together, or one number per direction")
      .optional("direction", &RandomFlip::direction, "one direction, or a list to choose from")
      .refused("swap_seg_labels", "semantic maps are not supported yet")
      .check(check);
}

Transform make(const RandomFlip& params, const BuildContext&) {
  const auto flip_sample = [directions = directions_of(params), numbers = probabilities(params)](
                               Sample& sample, RandomContext& random) {
    const std::size_t chosen = random.numpy.choice(numbers);
    sample.flip_known = true;
    sample.flip.reset();
    if (chosen >= directions.size()) return true;
    sample.flip = directions[chosen];
    sample.image = image::flipped(sample.image, directions[chosen]);
    for (Box& box : sample.boxes) box = flipped(box, sample.img_shape, directions[chosen]);
    if (sample.fields.has(Field::masks)) flip(sample.masks, directions[chosen], *sample.arena);
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

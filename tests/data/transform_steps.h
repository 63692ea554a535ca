// SPDX-License-Identifier: Apache-2.0
// Makes a step from its config and applies it: shared by the tests of transforms.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pinfeed/data/transforms/list.h"
#include "planning.h"

namespace pinfeed {

class Transforms : public testing::Test {
 protected:
  Sample sample(Size size = {100, 80}, const std::vector<Box>& boxes = {}) {
    return sample_of_size(size, boxes, arena);
  }
  // Random numbers as numpy seeded with `seed`.
  bool apply_step(const std::string& text, Sample& to, std::uint64_t seed = 0) {
    WorkerStream stream(seed);
    RandomContext random(stream, arena);
    const bool kept = step(text).apply(to, random);
    next_double = random.numpy.random_sample();
    return kept;
  }

  Arena arena;
  double next_double = 0.0;  // the double after those that the step used
};

inline double first_double(std::uint64_t seed) {
  WorkerStream stream(seed);
  return NumpyRandom(stream.numpy).random_sample();
}

// The first line of the error of a step's config.
inline std::string refusal(const std::string& text) {
  const std::string message = failure([&] { step(text); });
  return message.substr(0, message.find('\n'));
}

}  // namespace pinfeed

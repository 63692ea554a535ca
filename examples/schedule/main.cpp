// SPDX-License-Identifier: Apache-2.0
// A custom optimizer with pinfeed's schedule: a linear warm-up, then a cosine.
#include <cstdio>

#include "pinfeed/pinfeed.h"

// The custom optimizer: anything that takes a learning rate.
struct Descent {
  double x = 3.0;
  void step(double lr) { x -= lr * 2 * x; }  // the gradient of x * x
};

int main() {
  const int warmup = 10;
  const int iterations = 60;
  const pinfeed::Window first = {.begin = 0, .end = warmup, .by_epoch = false};
  const pinfeed::Window second = {.begin = warmup, .end = iterations, .by_epoch = false};
  const pinfeed::LinearParamScheduler linear = {.start_factor = 0.01, .window = first};
  const pinfeed::CosineAnnealingParamScheduler cosine = {.eta_min = 0.001, .window = second};
  pinfeed::Schedule schedule({stage(linear), stage(cosine)}, {{.lr = 0.1}});
  Descent descent;
  for (int k = 0; k < iterations; ++k) {
    descent.step(schedule.values()[0].lr);
    if (k % 10 == 0) std::printf("%2d  lr %.6f  x %.6f\n", k, schedule.values()[0].lr, descent.x);
    schedule.after_iteration();
  }
}

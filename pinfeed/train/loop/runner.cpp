// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/loop/runner.h"

namespace pinfeed {

void Runner::write_scalars(const LogLine& line, std::int64_t step) {
  for (const auto& writer : scalar_writers) writer->add(scalars_of(line), step);
}

std::int64_t Runner::max_iterations() const {
  const TrainLoop& loop = training->loop;
  return loop.by_epoch ? loop.max_epochs * training->feed->batches_per_epoch() : loop.max_iters;
}

}  // namespace pinfeed

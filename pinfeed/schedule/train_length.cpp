// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schedule/train_length.h"

#include "pinfeed/core/error.h"

namespace pinfeed {

std::int64_t iterations_of(const TrainLength& length) {
  if (length.max_iters) return *length.max_iters;
  if (length.epoch_length) return length.max_epochs * *length.epoch_length;
  throw Error(ErrorKind::config,
              "the schedule needs the number of batches of an epoch, which is not known")
      .help("give --epoch-length N");
}

std::int64_t known_epoch_length(const TrainLength& length) {
  if (!length.epoch_length) {
    throw Error(ErrorKind::config, "convert_to_iter_based needs the number of batches of an epoch")
        .help("give --epoch-length N");
  }
  if (*length.epoch_length > 0) return *length.epoch_length;
  throw Error(ErrorKind::config, "the train loader has no batches: an epoch has length " +
                                     std::to_string(*length.epoch_length));
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/loop/message_hub.h"

namespace pinfeed {
namespace {

constexpr auto smoothed_names = ".*(loss|time|grad_norm).*";

Smoothing smoothing_of(const LogProcessor& format) {
  return {static_cast<std::size_t>(format.window_size),
          format.mean_pattern.value_or(smoothed_names)};
}

}  // namespace

MessageHub::MessageHub(const LogProcessor& log_format)
    : format(log_format), times(smoothing_of(format)), scalars(smoothing_of(format)) {}

}  // namespace pinfeed

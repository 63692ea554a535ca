// SPDX-License-Identifier: Apache-2.0
// Configs of schedulers, and the errors of reading them.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "pinfeed/schedule/read_schedule.h"

namespace pinfeed {

inline Dict dict(std::vector<std::pair<std::string, Value>> entries) {
  Dict made;
  for (auto& [key, value] : entries) made.set(key, value);
  return made;
}

inline Value with_scheduler(Value scheduler) {
  return dict({{"param_scheduler", std::move(scheduler)}});
}

inline const TrainLength ten_epochs_of_five = {.max_epochs = 10, .epoch_length = 5};

inline std::string failure(const Value& config, const TrainLength& length = ten_epochs_of_five) {
  try {
    read_schedulers(config, length);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    return error.message();
  }
  return "no error";
}

inline std::string scheduler_failure(std::vector<std::pair<std::string, Value>> entries) {
  return failure(with_scheduler(dict(std::move(entries))));
}

}  // namespace pinfeed

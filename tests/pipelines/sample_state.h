// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pinfeed::pipelines {

/// What is known about a sample before a step: steps that would always fail are chosen rarely.
struct SampleState {
  bool is_float = false;
  bool objects = true;  // boxes and labels
  bool masks = false;
};

}  // namespace pinfeed::pipelines

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/color/tone.h"
#include "pinfeed/image/expression/fuse.h"
#include "pinfeed/image/expression/fuse_rules.h"
#include "pinfeed/image/rects.h"

namespace pinfeed::image {

bool fuse_step(Pass& pass, const Erased& step, Size) {
  if (pass.fill_count == Pass::max_fills) return false;
  const Rect rect = common(step.window, whole(pass.canvas));
  if (is_empty(rect)) return true;
  Fill& fill = pass.fills[static_cast<std::size_t>(pass.fill_count++)];
  fill.rect = rect;
  fill.value = {};
  for (std::size_t c = 0; c < step.fill.size(); ++c) {
    fill.value[c] = stored_fill(step.fill[c], pass.result_dtype());
  }
  return true;
}

bool fuse_step(Pass& pass, const Normalization& step, Size) {
  if (pass.normalization) return false;
  pass.to_float = true;
  pass.normalization = step;
  for (int i = 0; i < pass.fill_count; ++i) {
    std::array<float, 4>& value = pass.fills[static_cast<std::size_t>(i)].value;
    value = normalized_value(value, step, pass.pixels.channels);
  }
  return true;
}

bool fuse_step(Pass& pass, const AsFloat&, Size) {
  pass.to_float = true;
  return true;
}

}  // namespace pinfeed::image

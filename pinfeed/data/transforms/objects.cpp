// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/transforms/objects.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "pinfeed/core/error.h"
#include "pinfeed/data/boxes.h"

namespace pinfeed {

void keep_inside(Sample& sample, Size image, bool clip) {
  std::pmr::vector<std::uint8_t> keep(sample.arena);
  for (Box& box : sample.boxes) {
    if (clip) box = clipped(box, image);
    keep.push_back(is_inside(box, image) ? 1 : 0);
  }
  keep_objects(sample, keep);
}

void add_objects(Sample& to, const Sample& from, std::span<const Box> boxes) {
  to.boxes.insert(to.boxes.end(), boxes.begin(), boxes.end());
  to.labels.insert(to.labels.end(), from.labels.begin(), from.labels.end());
  to.ignore_flags.insert(to.ignore_flags.end(), from.ignore_flags.begin(), from.ignore_flags.end());
}

void refuse_masks(const Sample& sample, std::string_view step) {
  if (!sample.fields.has(Field::masks)) return;
  throw Error(ErrorKind::data, std::string(step) + " does not support masks")
      .help("load the annotations with with_mask=False");
}

void check_integral(double number, std::string_view key) {
  if (std::floor(number) == number) return;
  throw Error(ErrorKind::config, std::string(key) + " must be a whole number");
}

void check_count(int count, std::string_view key) {
  constexpr int most = 1'000'000;
  if (count <= most) return;
  throw Error(ErrorKind::config, std::string(key) + " is " + std::to_string(count) +
                                     "; it must be at most " + std::to_string(most));
}

std::array<double, 3> fill_for(std::array<double, 3> values, const image::ImageExpr& image) {
  if (image.dtype() == DType::float32) return values;
  for (double& value : values) value = std::clamp(std::trunc(value), 0.0, 255.0);
  return values;
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/field.h"

#include <array>
#include <utility>

namespace pinfeed {
namespace {

constexpr std::array<std::pair<Field, const char*>, 10> names = {{
    {Field::path, "img_path"},
    {Field::instances, "instances"},
    {Field::image, "img"},
    {Field::boxes, "gt_bboxes"},
    {Field::labels, "gt_bboxes_labels"},
    {Field::ignore_flags, "gt_ignore_flags"},
    {Field::masks, "gt_masks"},
    {Field::seg_map, "gt_seg_map"},
    {Field::gt_label, "gt_label"},
    {Field::packed, "packed inputs"},
}};

}  // namespace

std::string names_of(Fields fields) {
  std::string text;
  for (const auto& [field, name] : names) {
    if (fields.has(field)) text += (text.empty() ? "" : ", ") + std::string(name);
  }
  return text;
}

}  // namespace pinfeed

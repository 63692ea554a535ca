// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/datasets/coco_warnings.h"

#include "pinfeed/core/record_id.h"

namespace pinfeed {

void DefectCount::report(const std::string& file, const std::string& noun, const std::string& what,
                         std::vector<std::string>& to) const {
  if (count == 0) return;
  to.push_back(file + ": " + std::to_string(count) + " " + noun + (count == 1 ? " " : "s ") + what +
               ", the first is " + id_text(first));
}

void LostRecords::report(std::vector<std::string>& to) const {
  if (count == 0) return;
  const std::string others = count == 1
                                 ? "; it is left out, as no image that the file lists has it"
                                 : "; it and " + std::to_string(count - 1) + " other bad record" +
                                       (count == 2 ? " are" : "s are") +
                                       " left out, as no image that the file lists has them";
  to.push_back(first + others);
}

void CocoWarnings::report(const std::string& file, std::vector<std::string>& to) const {
  const std::string annotation = "annotation";
  negative.report(file, annotation, "left out, with boxes of negative width or height", to);
  outside.report(file, annotation, "left out, with boxes outside the image", to);
  small.report(file, annotation, "left out, with boxes of less than a pixel", to);
  without_area.report(file, annotation, "left out, with an 'area' of 0 or less", to);
  unknown_category.report(file, annotation, "left out, of categories that the file does not list",
                          to);
  unknown_image.report(file, annotation, "left out, of images that the file does not list", to);
  repeated_image.report(file, "image", "left out, with the id of a later image", to);
  repeated_category.report(file, "category id", "listed more than once, the last one counts", to);
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/core/geometry.h"

namespace pinfeed {

/// An object of an annotation file in PASCAL VOC's format. Its coordinates are 1-based pixels.
struct XmlObject {
  std::string name = {};
  double xmin = 0.0;
  double ymin = 0.0;
  double xmax = 0.0;
  double ymax = 0.0;
  bool difficult = false;
};

/// The content of an annotation file in PASCAL VOC's format.
struct XmlImage {
  Size size = {};  // pixels, if has_size
  bool has_size = false;
  std::vector<XmlObject> objects = {};
};

/// Reads an annotation file in any encoding that it declares (xml_encoding.h). Throws Error(data)
/// naming the file and the object for invalid XML, missing elements and text that is not a number.
XmlImage read_xml_file(const std::string& path);

}  // namespace pinfeed

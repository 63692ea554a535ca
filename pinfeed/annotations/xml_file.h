// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/core/geometry.h"

namespace pinfeed {

/// An object of a file of PASCAL VOC, as written: corners count from 1.
struct XmlObject {
  std::string name = {};
  double xmin = 0.0;
  double ymin = 0.0;
  double xmax = 0.0;
  double ymax = 0.0;
  bool difficult = false;
};

/// What a file of PASCAL VOC says of its image.
struct XmlImage {
  Size size = {};
  bool has_size = false;
  std::vector<XmlObject> objects = {};
};

/// Reads it. Throws Error(data), naming the file and the object, for: no XML, parts that are
/// missing, numbers that are none.
XmlImage read_xml_file(const std::string& path);

}  // namespace pinfeed

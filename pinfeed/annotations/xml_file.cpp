// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 2.4.
#include "pinfeed/annotations/xml_file.h"

#include <charconv>
#include <cmath>
#include <new>
#include <optional>
#include <pugixml.hpp>
#include <string_view>

#include "pinfeed/annotations/xml_encoding.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/core/text.h"

namespace pinfeed {
namespace {

std::optional<double> parse_number(std::string_view text) {
  double number = 0.0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// An element with its name in errors: "a.xml: object 2".
struct XmlElement {
  pugi::xml_node node;
  std::string name;

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::data, name + " " + what);
  }
  XmlElement part(const char* key) const {
    const pugi::xml_node found = node.child(key);
    if (!found) fail("has no <" + std::string(key) + ">");
    return {found, name};
  }
  double number(const char* key) const {
    const std::string_view text = trimmed(part(key).node.child_value());
    const std::optional<double> found = parse_number(text);
    if (found && std::isfinite(*found) && std::fabs(*found) < 1e9) return *found;
    fail("has a <" + std::string(key) + "> of '" + std::string(text) + "'");
  }
  int side(const char* key) const {
    const double pixels = number(key);
    if (pixels < 0.0 || std::trunc(pixels) != pixels) {
      fail("has a <" + std::string(key) + "> of '" +
           std::string(trimmed(part(key).node.child_value())) + "'");
    }
    return static_cast<int>(pixels);
  }
};

XmlObject read_object(const XmlElement& element) {
  const XmlElement box = element.part("bndbox");
  return {.name = element.part("name").node.child_value(),
          .xmin = box.number("xmin"),
          .ymin = box.number("ymin"),
          .xmax = box.number("xmax"),
          .ymax = box.number("ymax"),
          .difficult = element.node.child("difficult") && element.number("difficult") != 0.0};
}

}  // namespace

XmlImage read_xml_file(const std::string& path) {
  const std::string text = xml_in_utf8(read_regular_text(path, ErrorKind::data), path);
  pugi::xml_document document;
  const pugi::xml_parse_result parsed =
      document.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8);
  if (parsed.status == pugi::status_out_of_memory) throw std::bad_alloc();
  if (!parsed) {
    throw Error(ErrorKind::data, path + ": no XML from byte " + std::to_string(parsed.offset) +
                                     " on: " + parsed.description());
  }
  const XmlElement root{document.document_element(), path};
  XmlImage image;
  if (root.node.child("size")) {
    const XmlElement size{root.node.child("size"), path + ": <size>"};
    image.size = {size.side("width"), size.side("height")};
    image.has_size = true;
  }
  for (const pugi::xml_node node : root.node.children("object")) {
    const std::string number = std::to_string(image.objects.size());
    image.objects.push_back(read_object({node, path + ": object " + number}));
  }
  return image;
}

}  // namespace pinfeed

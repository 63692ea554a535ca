// SPDX-License-Identifier: Apache-2.0
// An image is in the page once; the second side of a comparison refers to it (`use`).
#include "pinfeed/report/page_pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pinfeed/report/html_text.h"

namespace pinfeed {
namespace {

constexpr std::size_t class_colors = 8;  // of page.css

std::string box_class(const PageBox& box) {
  switch (box.kind) {
    case BoxKind::object: return fmt::format("k{}", box.number % class_colors);
    case BoxKind::ignored: return "ignored";
    case BoxKind::found: return "found";
    case BoxKind::other_class: return "other";
    case BoxKind::wrong: break;
  }
  return "wrong";
}

// The size of the labels, which are shown in the enlarged picture.
double font_size(const PagePicture& picture) {
  return std::max(picture.size.width, picture.size.height) / 40.0;
}

std::string box_svg(const PageBox& box, const PagePicture& picture) {
  const std::string label = html_text(box.label);
  const double font = font_size(picture);
  const double y = box.y < 1.2 * font ? box.y + font : box.y - 0.25 * font;
  return fmt::format(
      "<g class=\"{}\"><rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"><title>"
      "{}</title></rect><text x=\"{:.1f}\" y=\"{:.1f}\" font-size=\"{:.1f}\">{}</text></g>",
      box_class(box), box.x, box.y, std::max(0.0, box.width), std::max(0.0, box.height), label,
      std::max(0.0, box.x), y, font, label);
}

std::string side_svg(const PagePicture& picture, const std::string& image,
                     const std::vector<PageBox>& boxes, const std::string& label) {
  std::string text =
      fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">{}<g class=\"boxes\">",
                  picture.size.width, picture.size.height, html_text(label), image);
  for (const PageBox& box : boxes) text += box_svg(box, picture);
  return text + "</g></svg>";
}

std::string image_svg(const PagePicture& picture, std::size_t id) {
  return fmt::format("<image id=\"p{}\" width=\"{}\" height=\"{}\" href=\"data:image/jpeg;base64,",
                     id, picture.size.width, picture.size.height) +
         base64(picture.jpeg) + "\"/>";
}

std::string caption(const PagePicture& picture) {
  std::string text;
  if (!picture.title.empty()) text += "<b>" + html_text(picture.title) + "</b>";
  if (!picture.note.empty()) text += "<span>" + html_text(picture.note) + "</span>";
  return text.empty() ? "" : "<figcaption>" + text + "</figcaption>";
}

std::string legend_entry(const std::string& box, const std::string& name) {
  return "<li class=\"" + box +
         "\"><svg viewBox=\"0 0 18 12\" aria-hidden=\"true\"><rect x=\"1\" y=\"1\" width=\"16\" "
         "height=\"10\"/></svg>" +
         name + "</li>";
}

}  // namespace

std::string PictureWriter::figure(const PagePicture& picture) {
  const std::size_t id = ids_++;
  std::string text = "<figure class=\"picture\"><button type=\"button\" class=\"pair\">";
  const bool compared = picture.predicted.has_value();
  text += side_svg(picture, image_svg(picture, id), picture.boxes,
                   (compared ? "ground truth of " : "") + picture.title);
  if (compared) {
    text += side_svg(picture, fmt::format("<use href=\"#p{}\"/>", id), *picture.predicted,
                     "predictions for " + picture.title);
  }
  return text + "</button>" + caption(picture) + "</figure>\n";
}

std::string PictureWriter::grid(const std::vector<PagePicture>& pictures) {
  std::string text;
  std::size_t shown = 0;
  const bool compared = !pictures.empty() && pictures.front().predicted;
  for (const PagePicture& picture : pictures) {
    const std::string one = figure(picture);
    if (one.size() > left_) break;
    left_ -= one.size();
    ++shown;
    text += one;
  }
  text =
      fmt::format("<div class=\"pictures{}\">\n", compared ? " compared" : "") + text + "</div>\n";
  if (shown == pictures.size()) return text;
  return text + fmt::format(
                    "<p class=\"note\">{} more are left out: the page would be too large."
                    "</p>\n",
                    pictures.size() - shown);
}

std::string class_legend(const std::vector<std::string>& classes) {
  if (classes.empty() || classes.size() > class_colors) return "";
  std::string entries;
  for (std::size_t i = 0; i < classes.size(); ++i)
    entries += legend_entry(fmt::format("k{}", i), html_text(classes[i]));
  return "<ul class=\"key\">" + entries + "</ul>\n";
}

std::string comparison_legend() {
  return "<ul class=\"key\">" + legend_entry("found", "found") +
         legend_entry("other", "found as another class") +
         legend_entry("wrong", "missed (left), false (right)") + "</ul>\n";
}

}  // namespace pinfeed

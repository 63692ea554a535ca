// SPDX-License-Identifier: Apache-2.0
// Reads the HTML of a page as far as tests need it: the elements and their attributes.
#pragma once

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pinfeed::test {

struct Element {
  std::string name = {};
  std::map<std::string, std::string> attributes = {};  // still escaped
  std::string text = {};                               // directly inside, still escaped
};

/// The elements of a page in the order of their ends. `errors` has a line for each end that does
/// not belong to the open element, and for each element without an end.
class HtmlReader {
 public:
  explicit HtmlReader(std::string_view html) {
    while (!html.empty()) html = step(html);
    for (const Element& one : open_) errors.push_back("<" + one.name + "> has no end");
  }

  std::vector<Element> elements = {};
  std::vector<std::string> errors = {};

  std::vector<Element> named(const std::string& name) const {
    std::vector<Element> found;
    std::copy_if(elements.begin(), elements.end(), std::back_inserter(found),
                 [&](const Element& one) { return one.name == name; });
    return found;
  }

 private:
  std::string_view step(std::string_view html) {
    if (html.front() != '<') {
      const std::size_t end = std::min(html.find('<'), html.size());
      if (!open_.empty()) open_.back().text += html.substr(0, end);
      return html.substr(end);
    }
    const std::size_t end = tag_end(html);
    const std::string_view tag = html.substr(1, end - 1);
    html.remove_prefix(std::min(end + 1, html.size()));
    if (tag.starts_with("!")) return html;
    if (tag.starts_with("/")) {
      close(std::string(tag.substr(1)));
      return html;
    }
    return begin(tag, html);
  }

  static std::size_t tag_end(std::string_view html) {
    bool quoted = false;
    for (std::size_t i = 0; i < html.size(); ++i) {
      if (html[i] == '"') quoted = !quoted;
      if (html[i] == '>' && !quoted) return i;
    }
    return html.size();
  }

  std::string_view begin(std::string_view tag, std::string_view rest) {
    const bool ended = tag.ends_with("/");
    if (ended) tag.remove_suffix(1);
    Element element = element_of(tag);
    const std::string name = element.name;
    open_.push_back(std::move(element));
    if (ended || name == "meta") close(name);
    if (name != "script" && name != "style") return rest;
    const std::size_t end = std::min(rest.find("</" + name), rest.size());
    open_.back().text = rest.substr(0, end);
    return rest.substr(end);
  }

  static Element element_of(std::string_view tag) {
    Element element;
    std::size_t at = std::min(tag.find_first_of(" \n"), tag.size());
    element.name = tag.substr(0, at);
    while ((at = tag.find_first_not_of(" \n", at)) != std::string_view::npos) {
      const std::size_t end = std::min(tag.find_first_of("= \n", at), tag.size());
      std::string& value = element.attributes[std::string(tag.substr(at, end - at))];
      at = end;
      if (at >= tag.size() || tag[at] != '=') continue;
      const std::size_t close = std::min(tag.find('"', at + 2), tag.size());
      value = tag.substr(at + 2, close - at - 2);
      at = std::min(close + 1, tag.size());
    }
    return element;
  }

  void close(const std::string& name) {
    if (open_.empty() || open_.back().name != name) {
      errors.push_back("</" + name + "> in <" + (open_.empty() ? "" : open_.back().name) + ">");
      return;
    }
    elements.push_back(std::move(open_.back()));
    open_.pop_back();
  }

  std::vector<Element> open_ = {};
};

}  // namespace pinfeed::test

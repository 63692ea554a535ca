// SPDX-License-Identifier: Apache-2.0
// Annotation files that are changed at random, from fixed seeds: each is read, or gives an error
// that names the file; with on_bad_sample='skip' a bad record does not end the reading; white space
// between tokens of JSON changes nothing.
#include <gtest/gtest.h>

#include <random>

#include "records_table.h"

namespace pinfeed {
namespace {

using Random = std::mt19937;

template <class Container>
const auto& one_of(Random& random, const Container& items) {
  return items[random() % std::size(items)];
}

// The tokens of a valid JSON text.
std::vector<std::string> tokens_of(const std::string& json) {
  std::vector<std::string> tokens;
  for (std::size_t at = 0; at < json.size();) {
    std::size_t end = at + 1;
    if (json[at] == '"') {
      while (json[end] != '"') end += json[end] == '\\' ? 2U : 1U;
      ++end;
    } else if (std::string_view("[]{}:, \n").find(json[at]) == std::string_view::npos) {
      end = json.find_first_of("[]{}:, \n\"", at);
    }
    if (json[at] != ' ' && json[at] != '\n') tokens.push_back(json.substr(at, end - at));
    at = end;
  }
  return tokens;
}

const std::string odd_values[] = {"null",
                                  "true",
                                  "-1",
                                  "0",
                                  "1.5",
                                  "1e400",
                                  "NaN",
                                  "-Infinity",
                                  "99999999999999999999",
                                  "9223372036854775808",
                                  "-9223372036854775808",
                                  "2147483648",
                                  "[]",
                                  "{}",
                                  "\"\"",
                                  "\"text\"",
                                  "\"a\\u0000b\"",
                                  "\"\\ud800\"",
                                  "[[1, 2, 3]]",
                                  "nul",
                                  "1 2",
                                  "\"caf\xE9\"",
                                  "\"\xE7\x8C\xAB\""};

std::string joined_tokens(const std::vector<std::string>& tokens) {
  std::string text;
  for (const std::string& token : tokens) text += token;
  return text;
}

// One to three tokens are replaced, removed, doubled or swapped; sometimes the text is cut.
std::string mutated(std::vector<std::string> tokens, Random& random) {
  for (unsigned n = 0; n <= random() % 3; ++n) {
    const std::size_t at = random() % tokens.size();
    const auto place = tokens.begin() + static_cast<std::ptrdiff_t>(at);
    switch (random() % 10) {
      case 0: tokens.erase(place); break;
      case 1: tokens.insert(place, tokens[at]); break;
      case 2: std::swap(tokens[at], tokens[random() % tokens.size()]); break;
      default: tokens[at] = one_of(random, odd_values);
    }
  }
  std::string text = joined_tokens(tokens);
  if (random() % 20 == 0) text.resize(random() % text.size());
  return text;
}

std::string with_blanks(const std::vector<std::string>& tokens, Random& random) {
  const std::string blanks[] = {"", "", " ", "\n", "\t", "\r\n  "};
  std::string text;
  for (const std::string& token : tokens) text += one_of(random, blanks) + token;
  return text + one_of(random, blanks);
}

constexpr const char* coco_text =
    R"({"info": {"note": "a [ b"}, "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
 "images": [{"id": 1, "file_name": "a.jpg", "width": 48, "height": 32},
            {"id": 2, "file_name": "b.jpg", "width": 48, "height": 32}],
 "annotations": [
  {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 30, 20], "area": 600, "iscrowd": 0,
   "segmentation": [[1, 2, 30, 2, 30, 20]]},
  {"id": 2, "image_id": 2, "category_id": 2, "bbox": [1.5, 2, 3, 4], "area": 12, "ignore": 0,
   "segmentation": {"counts": [1536], "size": [32, 48]}},
  {"id": 3, "image_id": 2, "category_id": 1, "bbox": [5, 5, 9, 9], "area": 81, "iscrowd": 1,
   "segmentation": []}]})";

constexpr const char* records_text =
    R"({"metainfo": {"classes": ["cat", "dog"]}, "data_list": [
 {"img_path": "a.jpg", "img_id": 7, "height": 40, "width": 60, "gt_label": 1, "instances": [
   {"bbox": [1, 2.5, 30.25, 20], "bbox_label": 1, "ignore_flag": 0, "mask": [[1, 2, 3, 4, 5, 6]]},
   {"bbox": [3, 0, 4, 9], "bbox_label": 0, "ignore_flag": 1}]},
 {"img_path": "b.png", "img_id": "text", "height": 10, "width": 20, "instances": []}]})";

constexpr const char* voc_text =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<annotation><size><width>48</width><height>32</height><depth>3</depth></size>"
    "<object><name>cat</name><difficult>0</difficult><bndbox><xmin>1</xmin><ymin>2</ymin>"
    "<xmax>20</xmax><ymax>30</ymax></bndbox></object></annotation>";

// What reading gave: the records and the warnings, or the error.
class MutatedAnnotations : public RecordsTest {
 protected:
  struct Reading {
    std::string content = {};
    std::string error = {};
    bool operator==(const Reading&) const = default;
  };

  Reading reading(const std::string& type, const std::string& keys, BadRecords rule) {
    const BuildContext context{.catalogs = &catalogs(), .bad_records = rule};
    const Value value =
        written("dict(type='" + type + "', data_root='" + folder.path() + "', " + keys + ")");
    Reading result;
    try {
      const Dataset set = catalogs().datasets.make(value, "dataset", context);
      for (std::int64_t i = 0; i < set.size; ++i) {
        const Sample sample = set.get(i, arena);
        result.content += line_of(sample) + (sample.bad == nullptr ? "\n" : " bad\n");
        EXPECT_TRUE(sample.bad == nullptr || rule == BadRecords::keep);
      }
      for (const std::string& warning : set.warnings) result.content += warning + "\n";
      arena.reset();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::data) << error.message();
      EXPECT_NE(error.text().find(folder.path()), std::string::npos) << error.message();
      result.error = error.text();
    }
    return result;
  }
  // Both ways of reading; a bad record of a file that can be read is no error with `keep`.
  void check(const std::string& type, const std::string& keys) {
    const Reading raised = reading(type, keys, BadRecords::raise);
    const Reading kept = reading(type, keys, BadRecords::keep);
    if (raised.error.empty()) {
      EXPECT_EQ(kept, raised);
    }
  }

  const std::string coco_keys =
      "ann_file='a.json', data_prefix=dict(img=''), metainfo=dict(classes=('cat', 'dog')), "
      "filter_cfg=dict(filter_empty_gt=True, min_size=16)";
  const std::string record_keys = "ann_file='a.json'";
  const std::string voc_keys = "ann_file='list.txt', metainfo=dict(classes=('cat',))";
};

TEST_F(MutatedAnnotations, OfCocoAreReadOrNamed) {
  Random random(1);
  const auto tokens = tokens_of(coco_text);
  for (int i = 0; i < 400; ++i) {
    const std::string text = mutated(tokens, random);
    file("a.json", text);
    check("CocoDataset", coco_keys);
    if (HasFailure()) FAIL() << i << ": " << text;
  }
}

TEST_F(MutatedAnnotations, OfOpenMMLabsFormatAreReadOrNamed) {
  Random random(2);
  const auto tokens = tokens_of(records_text);
  for (int i = 0; i < 400; ++i) {
    const std::string text = mutated(tokens, random);
    file("a.json", text);
    check("BaseDetDataset", record_keys);
    if (HasFailure()) FAIL() << i << ": " << text;
  }
}

TEST_F(MutatedAnnotations, OfVocAreReadOrNamed) {
  Random random(3);
  file("list.txt", "a\n");
  const std::string pieces[] = {"<",        ">",      "/",    "&amp;", "&#xD800;", "\xC3\xA9",
                                "\xE9",     "-5",     "nan",  "1e99",  "x",        "GBK",
                                "\xFF\xFE", "UTF-16", "<!--", "]]>",   "<a/>",     " ",
                                "\n",       "0x10",   "&x;",  "3.7",   "<?x?>",    "<![CDATA["};
  for (int i = 0; i < 400; ++i) {
    std::string text = voc_text;
    for (unsigned n = 0; n <= random() % 3; ++n) {
      const std::size_t at = random() % text.size();
      text.replace(at, random() % 4, one_of(random, pieces));
    }
    if (random() % 20 == 0) text.resize(random() % text.size());
    file("Annotations/a.xml", text);
    check("XMLDataset", voc_keys);
    if (HasFailure()) FAIL() << i << ": " << text;
  }
}

TEST_F(MutatedAnnotations, AreReadTheSameWithOtherWhiteSpace) {
  Random random(4);
  const auto in_every_layout = [&](const std::string& type, const std::string& keys,
                                   const std::string& text) {
    const std::vector<std::string> tokens = tokens_of(text);
    file("a.json", joined_tokens(tokens));
    const Reading compact = reading(type, keys, BadRecords::keep);
    for (int i = 0; i < 5; ++i) {
      file("a.json", with_blanks(tokens, random));
      EXPECT_EQ(reading(type, keys, BadRecords::keep), compact) << text;
    }
  };
  in_every_layout("CocoDataset", coco_keys, coco_text);
  in_every_layout("BaseDetDataset", record_keys, records_text);
  const std::string valid_values[] = {"null", "[]",  "{}",       "[[]]", "\"\"",        "0",
                                      "-1",   "1.5", "\"text\"", "true", "[1, 2, 3, 4]"};
  for (int i = 0; i < 100; ++i) {
    std::vector<std::string> tokens = tokens_of(coco_text);
    std::size_t at = 0;
    do at = random() % (tokens.size() - 1);
    while (tokens[at] != ":");
    const bool is_plain = tokens[at + 1] != "[" && tokens[at + 1] != "{";
    if (is_plain) tokens[at + 1] = one_of(random, valid_values);
    in_every_layout("CocoDataset", coco_keys, joined_tokens(tokens));
  }
}

}  // namespace
}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
// Lists of JSON cut into windows, and elements whatever the windows are.
#include "pinfeed/formats/json_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "pinfeed/annotations/coco_file.h"
#include "pinfeed/core/file.h"
#include "pinfeed/formats/json_brackets.h"
#include "tests/data/planning.h"

namespace pinfeed {
namespace {

using testing::ElementsAre;

// Where the first list or object of `text` ends, by a simple loop.
std::size_t end_of(std::string_view text) {
  std::size_t depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      for (++at; at < text.size() && text[at] != '"'; ++at) at += text[at] == '\\' ? 1U : 0U;
    }
    depth += c == '[' || c == '{' ? 1U : 0U;
    depth -= c == ']' || c == '}' ? 1U : 0U;
    if (depth == 0) return at + 1;
  }
  return text.size() + 1;
}

// A list of odd texts, lists and objects, that ends somewhere or nowhere.
std::string odd_list(std::mt19937& random) {
  constexpr std::string_view pieces[] = {"{",     "}",     "[",         "]",
                                         ",",     "\"a\"", "\"\\\"]\"", "\"\\\\\"",
                                         "12",    " ",     "\"{[\"",    "\"\\\\\\\"}\"",
                                         "-1.5e3"};
  std::string text = "[";
  for (std::size_t i = 0; i < random() % 200; ++i) text += pieces[random() % std::size(pieces)];
  return text;
}

TEST(BracketScanner, EndsWhereASimpleScanEnds) {
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    const std::string text = odd_list(random);
    BracketScanner scanner;
    const std::size_t took = scanner.scan(text);
    const std::size_t expected = end_of(text);
    ASSERT_EQ(scanner.depth == 0, expected <= text.size()) << text;
    ASSERT_EQ(took, std::min(expected, text.size())) << text;
  }
}

TEST(BracketScanner, ContinuesAfterTheLastPart) {
  std::mt19937 random(2);
  for (int i = 0; i < 5000; ++i) {
    const std::string text = odd_list(random);
    BracketScanner scanner;
    std::size_t at = 0;
    do at += scanner.scan(std::string_view(text).substr(at, 64));
    while (scanner.depth > 0 && at < text.size());
    ASSERT_EQ(at, std::min(end_of(text), text.size())) << text;
  }
}

TEST(BracketScanner, SplitsAtCommasBetweenElements) {
  BracketScanner scanner{.windows = {.max_bytes = 8}};
  const std::string text = R"([1, 2, [3, 4], {"a, b": [5, 6, 7]}, 8, 9 ])";
  EXPECT_EQ(scanner.scan(text), text.size());
  EXPECT_THAT(scanner.windows.commas, ElementsAre(5, 13, 34));
}

class BigCocoFile : public testing::Test {
 protected:
  // Annotations of 300 bytes or so, in several windows; `change` replaces number
  // 9000.
  std::string file(const std::string& change = "", const std::string& end = "]") {
    std::string text = R"({"images": [], "categories": [], "annotations": [)";
    for (int i = 0; i < count; ++i) {
      const std::string one = R"({"segmentation": [[)" + std::string(200, '1') + R"(]], "id": )" +
                              std::to_string(i) +
                              R"(, "image_id": 1, "category_id": 2, "bbox": [)" +
                              std::to_string(i) + R"(, 2.5, 3, 4], "area": 7, "iscrowd": 0})";
      text += (i == 0 ? "" : ", ") + (i == 9000 && !change.empty() ? change : one);
    }
    return folder.file("big.json", text + end + "}");
  }
  std::string error(const std::string& change, const std::string& end = "]") {
    std::string message = failure([&] { read_coco_file(file(change, end)); });
    const std::size_t at = message.find(folder.path());
    return at == std::string::npos ? message : message.erase(at, folder.path().size() + 1);
  }

  // Of the element that may be changed.
  std::size_t bytes_before() { return read_text(file("HERE"), ErrorKind::data).find("HERE"); }

  static constexpr int count = 12000;
  Folder folder;
};

TEST_F(BigCocoFile, FindsEveryAnnotationAndItsSegmentation) {
  const std::string path = file();
  const CocoFile coco = read_coco_file(path);
  const SegmentationFile segmentations(path);
  Arena arena;
  ASSERT_EQ(coco.annotations.size(), std::size_t{count});
  for (int i = 0; i < count; ++i) {
    const CocoAnnotation& one = coco.annotations[static_cast<std::size_t>(i)];
    ASSERT_EQ(one.id, i);
    ASSERT_EQ(one.x, i);
    ASSERT_EQ(segmentations.read(one.segmentation(), arena), "[[" + std::string(200, '1') + "]]");
  }
}

TEST_F(BigCocoFile, NamesTheElementThatIsWrongInALaterWindow) {
  EXPECT_EQ(error("7"), "error: big.json: annotations[9000] is 7; it must be a dict\n");
  const std::string encoding = error("{\"id\": 3, \"a\": \"\xFF\"}");
  const std::string bad_byte =
      std::to_string(bytes_before() + std::string("{\"id\": 3, \"a\": \"").size());
  EXPECT_EQ(encoding.substr(0, encoding.find('\n')),
            "error: big.json is not UTF-8: byte 0xFF at byte " + bad_byte);
  EXPECT_EQ(error(R"({"id": 3, "area" 7})"), "error: big.json: annotation 3 is not valid JSON\n");
  const std::string whole =
      R"({"id": 3, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "area": 1})";
  const std::string offset = std::to_string(bytes_before() + whole.size() + 1);
  EXPECT_EQ(error(whole + " 7"),
            "error: big.json is not valid JSON: expected ',' at byte " + offset + "\n");
  const std::size_t size = read_text(file(), ErrorKind::data).size();
  EXPECT_EQ(error("", ",]"), "error: big.json is not valid JSON: expected a value at byte " +
                                 std::to_string(size - 1) + "\n");
  EXPECT_EQ(error("", "}"), "error: big.json is not valid JSON: expected ']' at byte " +
                                std::to_string(size - 2) + "\n");
}

TEST(JsonFile, SaysWhenTheFileHasBecomeShorter) {
  const Folder folder;
  const std::string path = folder.file("a.json", R"({"list": [1, 2]})");
  JsonFile json(path);
  const std::string_view list = json.find("list");
  std::filesystem::resize_file(path, 12);
  std::string copy(list.size(), '\0');
  EXPECT_EQ(failure([&] { json.copy(json.offset(list), copy); }),
            "error: " + path + " has become shorter since it was opened\n");
}

}  // namespace
}  // namespace pinfeed

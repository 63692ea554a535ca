// SPDX-License-Identifier: Apache-2.0
// Names, documentation and messages use the standard terms. These words were once names for other
// things here (a module, a schema, a batch slot), so that a reader could not look them up.
#include <gtest/gtest.h>

#include <cctype>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/layering/source_files.h"

namespace pinfeed::layering {
namespace {

// The words are written with a dash, so that a search for them does not find this file.
std::string without_dashes(std::string text) {
  std::erase(text, '-');
  return text;
}

std::set<std::string> words_of(const std::string& text) {
  std::istringstream stream(without_dashes(text));
  return {std::istream_iterator<std::string>(stream), {}};
}

// Each also with an s at its end.
const std::set<std::string> avoided =
    words_of("ro-om me-nu di-sh lugg-age she-lf tick-et sl-ab flo-or");

// Uses of the function of arithmetic, besides calls.
const std::string rounded_down = without_dashes("flo-or");
const std::vector<std::string> arithmetic = {"`" + rounded_down + "`",  "\"" + rounded_down + "\"",
                                             "'" + rounded_down + "'",  rounded_down + "/ceil",
                                             "`%` " + rounded_down,     "`//` " + rounded_down,
                                             "\u230b`: " + rounded_down};

bool is_word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

std::string lower_case(std::string word) {
  for (char& c : word) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return word;
}

bool is_avoided(const std::string& word) {
  const std::string lower = lower_case(word);
  return avoided.contains(lower) ||
         (lower.ends_with('s') && avoided.contains(lower.substr(0, lower.size() - 1)));
}

// A call such as std::floor(x) and a word at the end of the line are not found.
bool is_call(const std::string& line, std::size_t end, const std::string& word) {
  return lower_case(word).starts_with(rounded_down) && (end == line.size() || line[end] == '(');
}

std::vector<std::string> avoided_words(std::string line) {
  for (const std::string& phrase : arithmetic) {
    for (std::size_t at = line.find(phrase); at != std::string::npos; at = line.find(phrase)) {
      line.erase(at, phrase.size());
    }
  }
  std::vector<std::string> found;
  for (std::size_t begin = 0; begin < line.size();) {
    std::size_t end = begin;
    while (end < line.size() && is_word_character(line[end])) ++end;
    const std::string word = line.substr(begin, end - begin);
    if (is_avoided(word) && !is_call(line, end, word)) found.push_back(word);
    begin = end + 1;
  }
  return found;
}

std::vector<std::string> lines_with_avoided_words(const std::vector<SourceFile>& files) {
  std::vector<std::string> wrong;
  for (const SourceFile& file : files) {
    const std::vector<std::string> lines = lines_of(file.text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      for (const std::string& word : avoided_words(lines[i])) {
        wrong.push_back(at(file, i + 1) + word);
      }
    }
  }
  return wrong;
}

std::vector<SourceFile> sources_and_documents() {
  std::vector<SourceFile> files;
  for (const char* folder :
       {"pinfeed", "tests", "tools", "bench", "examples", "configs", "cmake", "docs", ".ci"}) {
    for (SourceFile& file :
         files_below(folder, {".h", ".cpp", ".cu", ".py", ".sh", ".md", ".cmake", ".in", ""})) {
      files.push_back(std::move(file));
    }
  }
  for (const char* name :
       {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "CMakeLists.txt", "run"}) {
    files.push_back({name, content(std::string(PINFEED_SOURCE_DIR "/") + name)});
  }
  return files;
}

TEST(Words, AreTheStandardTerms) {
  EXPECT_EQ(listed(lines_with_avoided_words(sources_and_documents())), "");
}

TEST(Words, ThatAreAvoidedAreNamedWithFileAndLine) {
  const std::vector<SourceFile> files = {
      {"a.h", without_dashes("int x;\n// The Ro-oms of the she-lf.\nint y = std::flo-or(2.5);\n")},
      {"b.md", without_dashes("`%` flo-or, a headro-om, the flo-or below\n")}};
  EXPECT_EQ(listed(lines_with_avoided_words(files)),
            without_dashes("a.h:2: Ro-oms\na.h:2: she-lf\nb.md:1: flo-or\n"));
}

}  // namespace
}  // namespace pinfeed::layering

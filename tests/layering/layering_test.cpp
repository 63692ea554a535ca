// SPDX-License-Identifier: Apache-2.0
// The rules of docs/architecture.md about modules, libraries and style, checked in the source
// files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/layering/source_files.h"

namespace pinfeed::layering {
namespace {

// A module, "data/loader", and the modules it needs.
using Modules = std::map<std::string, std::set<std::string>>;

// The modules from lines such as "data: core memory", which CMake writes from their NEEDS.
Modules modules_of(const std::string& text) {
  Modules modules;
  for (const std::string& line : lines_of(text)) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    std::set<std::string>& needs = modules[line.substr(0, colon)];
    std::istringstream names(line.substr(colon + 1));
    for (std::string name; names >> name;) needs.insert(name);
  }
  return modules;
}

// The module with the longest path that is a prefix of the file's; empty where there is none.
// Headers in pinfeed/ itself are for users of the library and belong to no module.
std::string module_of(const std::string& path, const Modules& modules) {
  std::string best;
  for (const auto& [module, needs] : modules) {
    if (path.starts_with("pinfeed/" + module + "/") && module.size() > best.size()) best = module;
  }
  return best;
}

bool is_public(const std::string& path) {
  return path.starts_with("pinfeed/") && path.find('/', 8) == std::string::npos;
}

std::vector<SourceFile> tree() { return files_below("pinfeed", {".h", ".cpp", ".cu"}); }

// An include of a file: the path between the quotes or brackets, and the line.
struct Include {
  std::string target;
  std::size_t line;
};

std::vector<Include> includes_of(const std::string& text) {
  static const std::regex pattern(R"(^\s*#\s*include\s*[<"]([^>"]+)[>"])");
  std::vector<Include> found;
  const std::vector<std::string> lines = lines_of(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::smatch match;
    if (lines[i].find('#') == std::string::npos) continue;
    if (std::regex_search(lines[i], match, pattern)) found.push_back({match[1], i + 1});
  }
  return found;
}

std::vector<std::string> wrong_includes(const std::vector<SourceFile>& files,
                                        const Modules& modules) {
  std::vector<std::string> wrong;
  for (const SourceFile& file : files) {
    if (is_public(file.path)) continue;
    const std::string module = module_of(file.path, modules);
    if (module.empty()) {
      wrong.push_back(at(file, 1) + "no module of CMakeLists.txt has this folder");
      continue;
    }
    for (const Include& include : includes_of(file.text)) {
      if (!include.target.starts_with("pinfeed/")) continue;
      const std::string other = module_of(include.target, modules);
      if (other == module || modules.at(module).contains(other)) continue;
      wrong.push_back(at(file, include.line) + module + " does not need " +
                      (is_public(include.target) ? include.target : other));
    }
  }
  return wrong;
}

// Every module that needs itself, directly or through others: "a > b > a".
std::vector<std::string> needed_cycles(const Modules& modules) {
  std::vector<std::string> cycles;
  std::set<std::string> finished;
  std::vector<std::string> path;
  const std::function<void(const std::string&)> visit = [&](const std::string& module) {
    if (finished.contains(module)) return;
    const auto begin = std::find(path.begin(), path.end(), module);
    if (begin != path.end()) {
      std::string cycle;
      for (auto step = begin; step != path.end(); ++step) cycle += *step + " > ";
      cycles.push_back(cycle + module);
      return;
    }
    path.push_back(module);
    const auto needs = modules.find(module);
    if (needs != modules.end()) {
      for (const std::string& other : needs->second) visit(other);
    }
    path.pop_back();
    finished.insert(module);
  };
  for (const auto& [module, needs] : modules) visit(module);
  return cycles;
}

// A library's headers, and the files that may include them.
struct LibraryRule {
  std::string headers;
  std::string allowed;
  std::string meaning;
};

const std::vector<LibraryRule>& library_rules() {
  static const std::vector<LibraryRule> all = {
      {"^(cuda|nvml|nvjpeg|driver_types)", "^pinfeed/memory/(device_cuda\\.cpp|kernels\\.cu)$",
       "only memory/device_cuda.cpp includes the CUDA runtime"},
      {"^(torch|ATen|c10)/", "^pinfeed/(models|train)/", "only models/ and train/ include torch"},
      {"^(jpeglib|jerror|turbojpeg|spng|png|webp)", "^pinfeed/image/codec/",
       "only image/codec/ includes image libraries"},
      {"^simdjson",
       "^pinfeed/((config|formats|annotations|inspect)/.*\\.cpp|annotations/json_elements\\.h)$",
       "only files that parse JSON include simdjson"},
      {"^yaml-cpp/", "^pinfeed/config/read_yaml\\.cpp$",
       "only config/read_yaml.cpp includes yaml-cpp"},
      {"^pugi", "^pinfeed/annotations/xml_file\\.cpp$",
       "only annotations/xml_file.cpp includes pugixml"},
      {"^pinfeed/config/", "^(?!pinfeed/schedule/(schedule|schedulers|per_group|timeline)\\.h$)",
       "the schedule's own headers are usable without config/"},
      {"^CLI/", "^pinfeed/cli/", "only cli/ includes CLI11"},
      {"^hwy/",
       "^pinfeed/((image/(codec/jpeg|color|resample)|memory)/.*\\.(cpp|h)|formats/"
       "json_brackets\\.cpp|"
       "core/stream_copy\\.cpp)$",
       "only pixel loops and the scanner of JSON include Highway"},
      {"^gtest/|^gmock/", "^$", "tests stay in tests/"},
  };
  return all;
}

std::vector<std::string> wrong_libraries(const std::vector<SourceFile>& files) {
  std::vector<std::string> wrong;
  for (const SourceFile& file : files) {
    for (const Include& include : includes_of(file.text)) {
      for (const LibraryRule& rule : library_rules()) {
        if (!std::regex_search(include.target, std::regex(rule.headers))) continue;
        if (std::regex_search(file.path, std::regex(rule.allowed))) continue;
        wrong.push_back(at(file, include.line) + rule.meaning);
      }
    }
  }
  return wrong;
}

// The line without the blanks it starts with.
std::string_view trimmed(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  return line;
}

// Preprocessor conditions are allowed for CUDA and for Highway's SIMD dispatch.
bool is_stray_condition(const std::string& path, std::string_view line) {
  if (!line.starts_with("#if")) return false;
  return path.find("cuda") == std::string::npos && line.find("HWY_") == std::string_view::npos;
}

// Lines that the style forbids, and files that are too long.
std::vector<std::string> style_violations(const std::vector<SourceFile>& files) {
  std::vector<std::string> wrong;
  for (const SourceFile& file : files) {
    const std::vector<std::string> lines = lines_of(file.text);
    if (lines.size() > 300) wrong.push_back(at(file, lines.size()) + "more than 300 lines");
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::string_view line = trimmed(lines[i]);
      if (line.starts_with("using namespace ") || is_stray_condition(file.path, line)) {
        wrong.push_back(at(file, i + 1) + std::string(line));
      }
    }
  }
  return wrong;
}

std::string output_of(const std::string& command) {
  std::string output;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return "cannot run " + command;
  std::array<char, 512> buffer = {};
  while (fgets(buffer.data(), buffer.size(), pipe) != nullptr) output += buffer.data();
  return pclose(pipe) == 0 ? output : "failed: " + output;
}

Modules modules_of_the_build() { return modules_of(content(PINFEED_BINARY_DIR "/modules.txt")); }

TEST(Layering, AModuleIncludesOnlyWhatItNeeds) {
  const Modules modules = modules_of_the_build();
  ASSERT_TRUE(modules.contains("data/loader"));
  EXPECT_EQ(listed(wrong_includes(tree(), modules)), "");
}

TEST(Layering, NoTwoModulesNeedEachOther) {
  EXPECT_EQ(listed(needed_cycles(modules_of_the_build())), "");
}

TEST(Layering, ModulesNeedOnlyModulesThatExist) {
  const Modules modules = modules_of_the_build();
  for (const auto& [module, needs] : modules) {
    for (const std::string& other : needs) {
      EXPECT_TRUE(modules.contains(other)) << module << " needs " << other;
    }
  }
}

TEST(Layering, AWrongIncludeIsNamedWithFileAndLine) {
  const Modules modules = modules_of("core: \nimage: core\ndata: core image\ndata/loader: data\n");
  const std::vector<SourceFile> files = {
      {"pinfeed/image/render.cpp", "// a\n#include <vector>\n#include \"pinfeed/data/sample.h\"\n"},
      {"pinfeed/data/sample.cpp",
       "#include \"pinfeed/image/render.h\"\n#include \"pinfeed/data/loader/loader.h\"\n"},
      {"pinfeed/data/loader/loader.cpp",
       "#include \"pinfeed/data/sample.h\"\n#include \"pinfeed/core/error.h\"\n"},
      {"pinfeed/core/error.cpp", "#include \"pinfeed/plugin.h\"\n"},
      {"pinfeed/attic/old.cpp", ""}};
  EXPECT_THAT(
      wrong_includes(files, modules),
      testing::ElementsAre("pinfeed/image/render.cpp:3: image does not need data",
                           "pinfeed/data/sample.cpp:2: data does not need data/loader",
                           "pinfeed/data/loader/loader.cpp:2: data/loader does not need core",
                           "pinfeed/core/error.cpp:1: core does not need pinfeed/plugin.h",
                           "pinfeed/attic/old.cpp:1: no module of CMakeLists.txt has this "
                           "folder"));
}

TEST(Layering, ACycleOfModulesIsNamed) {
  EXPECT_THAT(needed_cycles(modules_of("a: b\nb: c\nc: a\nd: a\n")),
              testing::ElementsAre("a > b > c > a"));
}

TEST(Layering, OnlyTheFilesMeantForALibraryIncludeIt) {
  EXPECT_EQ(listed(wrong_libraries(tree())), "");
}

TEST(Layering, AnIncludedLibraryIsNamedWithFileAndLine) {
  EXPECT_THAT(wrong_libraries({{"pinfeed/schemas/vit_schema.cpp", "#include <torch/torch.h>\n"},
                               {"pinfeed/models/backbones/vit.cpp", "#include <torch/torch.h>\n"}}),
              testing::ElementsAre(
                  "pinfeed/schemas/vit_schema.cpp:1: only models/ and train/ include torch"));
}

TEST(Layering, FilesKeepTheStyle) { EXPECT_EQ(listed(style_violations(tree())), ""); }

TEST(Layering, AStyleViolationIsNamedWithFileAndLine) {
  EXPECT_THAT(
      style_violations({{"pinfeed/data/a.cpp", "int x;\n  using namespace std;\n#ifdef FAST\n"},
                        {"pinfeed/image/resample/row_kernels.cpp", "#if HWY_ONCE\n"}}),
      testing::ElementsAre("pinfeed/data/a.cpp:2: using namespace std;",
                           "pinfeed/data/a.cpp:3: #ifdef FAST"));
}

TEST(Layering, TheProgramDoesNotLinkTorch) {
  const std::string libraries = output_of("ldd " PINFEED_BINARY_DIR "/pinfeed");
  EXPECT_THAT(libraries, testing::HasSubstr("libpinfeed.so"));
  EXPECT_THAT(libraries, testing::Not(testing::AnyOf(testing::HasSubstr("libtorch"),
                                                     testing::HasSubstr("libc10"))));
}

}  // namespace
}  // namespace pinfeed::layering

// SPDX-License-Identifier: Apache-2.0
// The rules of docs/house.md, 3 and 7, that can be read off the files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace pinfeed {
namespace {

using Rooms = std::map<std::string, std::set<std::string>>;  // a room and the rooms it needs

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// "data:core;memory" a line, as CMake wrote it from the rooms' NEEDS.
Rooms rooms_of(const std::string& text) {
  Rooms rooms;
  for (const std::string& line : lines_of(text)) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    std::set<std::string>& needs = rooms[line.substr(0, colon)];
    std::istringstream names(line.substr(colon + 1));
    for (std::string name; std::getline(names, name, ';');) needs.insert(name);
  }
  return rooms;
}

// A file of the tree: its path from the root, "pinfeed/data/loader.cpp", and its text.
struct SourceFile {
  std::string path;
  std::string text;
  std::string room() const {
    const std::size_t start = path.find('/') + 1;
    return path.substr(start, path.find('/', start) - start);
  }
};

std::vector<SourceFile> tree() {
  std::vector<SourceFile> files;
  const std::filesystem::path root = PINFEED_SOURCE_DIR;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "pinfeed")) {
    const std::string ending = entry.path().extension().string();
    if (ending != ".h" && ending != ".cpp" && ending != ".cu") continue;
    files.push_back({entry.path().lexically_relative(root).string(), content(entry.path())});
  }
  return files;
}

// An include of a file: what stands between the quotes or brackets, and the line.
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

std::string at(const SourceFile& file, std::size_t line) {
  return file.path + ":" + std::to_string(line) + ": ";
}

std::vector<std::string> upward_includes(const std::vector<SourceFile>& files, const Rooms& rooms) {
  std::vector<std::string> wrong;
  for (const SourceFile& file : files) {
    const auto room = rooms.find(file.room());
    if (room == rooms.end()) {
      wrong.push_back(at(file, 1) + "the room " + file.room() + " is not in CMakeLists.txt");
      continue;
    }
    for (const Include& include : includes_of(file.text)) {
      if (!include.target.starts_with("pinfeed/")) continue;
      const std::string other = SourceFile{include.target, ""}.room();
      if (other == room->first || room->second.contains(other)) continue;
      wrong.push_back(at(file, include.line) + room->first + " does not need " + other);
    }
  }
  return wrong;
}

// A library's headers, and the files that may include them.
struct Fence {
  std::string headers;
  std::string allowed;
  std::string meaning;
};

const std::vector<Fence>& fences() {
  static const std::vector<Fence> all = {
      {"^(cuda|nvml|nvjpeg|driver_types)", "^pinfeed/memory/(device_cuda\\.cpp|kernels\\.cu)$",
       "only memory/device_cuda.cpp includes the CUDA runtime"},
      {"^(torch|ATen|c10)/", "^pinfeed/train/(?!menu/)",
       "only train/ includes torch, its menu does not"},
      {"^(jpeglib|jerror|turbojpeg|spng|png|webp)", "^pinfeed/image/codec[a-z_]*\\.(h|cpp)$",
       "only image/codec* includes picture libraries"},
      {"^simdjson", "^pinfeed/(config/.*\\.cpp|data/.*\\.cpp|data/json_elements\\.h)$",
       "only files that parse JSON include simdjson"},
      {"^yaml-cpp/", "^pinfeed/config/read_yaml\\.cpp$",
       "only config/read_yaml.cpp includes yaml-cpp"},
      {"^pugi", "^pinfeed/data/xml_file\\.cpp$", "only data/xml_file.cpp includes pugixml"},
      {"^pinfeed/config/", "^(?!pinfeed/schedule/(schedule|menu|per_group|timeline)\\.h$)",
       "the schedule's own headers are usable without config/"},
      {"^CLI/", "^pinfeed/cli/", "only cli/ includes CLI11"},
      {"^hwy/", "^pinfeed/((image|memory)/.*\\.(cpp|h)|data/json_brackets\\.cpp)$",
       "only pixel loops and the scanner of JSON include Highway"},
      {"^gtest/|^gmock/", "^$", "tests stay in tests/"},
  };
  return all;
}

std::vector<std::string> crossed_fences(const std::vector<SourceFile>& files) {
  std::vector<std::string> wrong;
  for (const SourceFile& file : files) {
    for (const Include& include : includes_of(file.text)) {
      for (const Fence& fence : fences()) {
        if (!std::regex_search(include.target, std::regex(fence.headers))) continue;
        if (std::regex_search(file.path, std::regex(fence.allowed))) continue;
        wrong.push_back(at(file, include.line) + fence.meaning);
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

// Conditions are for the CUDA seam and for SIMD dispatch, which is Highway's.
bool is_stray_condition(const std::string& path, std::string_view line) {
  if (!line.starts_with("#if")) return false;
  return path.find("cuda") == std::string::npos && line.find("HWY_") == std::string_view::npos;
}

// What the house never writes.
std::vector<std::string> bad_manners(const std::vector<SourceFile>& files) {
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

TEST(Floors, NoRoomIncludesOneItDoesNotNeed) {
  const Rooms rooms = rooms_of(content(PINFEED_BINARY_DIR "/rooms.txt"));
  ASSERT_FALSE(rooms.empty());
  EXPECT_THAT(upward_includes(tree(), rooms), testing::IsEmpty());
}

TEST(Floors, AnUpwardIncludeIsNamedWithFileAndLine) {
  const Rooms rooms = rooms_of("core:\nimage:core\ndata:core;image\n");
  const std::vector<SourceFile> files = {
      {"pinfeed/image/render.cpp", "// a\n#include <vector>\n#include \"pinfeed/data/sample.h\"\n"},
      {"pinfeed/data/sample.cpp", "#include \"pinfeed/image/render.h\"\n"},
      {"pinfeed/attic/old.cpp", ""}};
  EXPECT_THAT(
      upward_includes(files, rooms),
      testing::ElementsAre("pinfeed/image/render.cpp:3: image does not need data",
                           "pinfeed/attic/old.cpp:1: the room attic is not in CMakeLists.txt"));
}

TEST(Floors, LibrariesStayBehindTheirFences) {
  EXPECT_THAT(crossed_fences(tree()), testing::IsEmpty());
}

TEST(Floors, ACrossedFenceIsNamedWithFileAndLine) {
  EXPECT_THAT(crossed_fences({{"pinfeed/train/menu/vit.cpp", "#include <torch/torch.h>\n"},
                              {"pinfeed/train/vit.cpp", "#include <torch/torch.h>\n"}}),
              testing::ElementsAre("pinfeed/train/menu/vit.cpp:1: only train/ includes torch, its "
                                   "menu does not"));
}

TEST(Floors, FilesKeepTheMannersOfTheHouse) {
  EXPECT_THAT(bad_manners(tree()), testing::IsEmpty());
}

TEST(Floors, BadMannersAreNamedWithFileAndLine) {
  EXPECT_THAT(bad_manners({{"pinfeed/data/a.cpp", "int x;\n  using namespace std;\n#ifdef FAST\n"},
                           {"pinfeed/image/kernels.cpp", "#if HWY_ONCE\n"}}),
              testing::ElementsAre("pinfeed/data/a.cpp:2: using namespace std;",
                                   "pinfeed/data/a.cpp:3: #ifdef FAST"));
}

TEST(Floors, TheProgramDoesNotLinkTorch) {
  const std::string libraries = output_of("ldd " PINFEED_BINARY_DIR "/pinfeed");
  EXPECT_THAT(libraries, testing::HasSubstr("libpinfeed.so"));
  EXPECT_THAT(libraries, testing::Not(testing::AnyOf(testing::HasSubstr("libtorch"),
                                                     testing::HasSubstr("libc10"))));
}

}  // namespace
}  // namespace pinfeed

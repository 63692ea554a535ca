// SPDX-License-Identifier: Apache-2.0
// The index of a COCO file gives the same rows as the file, whatever happens to either.
#include "pinfeed/annotations/coco_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <xxhash.h>

#include <chrono>
#include <cstring>

#include "pinfeed/core/file.h"
#include "pinfeed/data/loader/loader.h"
#include "tests/data/planning.h"
#include "tests/limits.h"

namespace pinfeed {
namespace {

std::string text_of(const std::string& name) {
  return R"({"images": [{"id": 7, "file_name": ")" + name +
         R"(", "width": 100, "height": 80}, {"id": 3, "file_name": "b", "width": 5, "height": 2}],
  "categories": [{"id": 9, "name": "zebra"}, {"id": 1, "name": ""}],
  "annotations": [{"id": 5, "image_id": 7, "category_id": 9, "bbox": [1, 2, 3.5, 4], "area": 10,
                   "iscrowd": 1, "segmentation": {"counts": "abc", "size": [80, 100]}},
                  {"id": 2, "image_id": 3, "category_id": 1, "bbox": [0, 0, 1, 1], "area": 1,
                   "ignore": true}]})";
}

// The content of a file as text.
std::string described(const CocoFile& file) {
  std::string text = file.path + (file.has_annotations ? "\n" : " without annotations\n");
  const auto add = [&](auto... values) { ((text += std::to_string(values) + " "), ...); };
  for (const CocoImage& one : file.images) {
    add(one.id, one.width, one.height);
    text += std::string(file.name_of(one)) + "\n";
  }
  for (const CocoCategory& one : file.categories) {
    add(one.id);
    text += one.name + "\n";
  }
  for (const CocoAnnotation& one : file.annotations) {
    add(one.id, one.image_id, one.category_id, one.x, one.y, one.width, one.height, one.area,
        one.segmentation_start, one.segmentation_bytes, one.crowd, one.ignore);
    text += "\n";
  }
  return text;
}

class CocoIndexTest : public testing::Test {
 protected:
  CocoIndexTest() { write("some_name.jpg", 100); }

  // Writes the file with a modification time of `seconds` ago.
  void write(const std::string& name, int seconds) {
    folder.file("ann.json", text_of(name));
    std::filesystem::last_write_time(
        path, std::filesystem::file_time_type::clock::now() - std::chrono::seconds(seconds));
  }
  std::string parsed() const { return described(read_coco_file(path)); }
  std::string indexed() const { return described(read_indexed_coco_file(path, 0)); }
  std::optional<CocoIndex> index() const { return read_coco_index(path, *state_of(path)); }
  bool is_fresh() const { return index() && index()->fresh; }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  Folder folder;
  const std::string path = folder.path() + "/ann.json";
  const std::string index_path = coco_index_path(path);
};

TEST_F(CocoIndexTest, HasTheContentOfTheFile) {
  EXPECT_EQ(index_path, path + ".pinfeed-index");
  EXPECT_EQ(indexed(), parsed());
  ASSERT_TRUE(is_fresh());
  EXPECT_EQ(described(index()->file), parsed());
  EXPECT_EQ(indexed(), parsed());
}

TEST_F(CocoIndexTest, ReplacesALinkAtItsPlace) {
  const std::string other = folder.file("other", "kept");
  std::filesystem::create_symlink(other, index_path);
  EXPECT_EQ(indexed(), parsed());
  EXPECT_EQ(indexed(), parsed());
  EXPECT_TRUE(is_fresh());
  EXPECT_FALSE(std::filesystem::is_symlink(index_path));
  EXPECT_EQ(read_text(other, ErrorKind::data), "kept");
}

TEST_F(CocoIndexTest, DoesNotWaitForAPipeAtItsPlace) {
  ASSERT_EQ(::mkfifo(index_path.c_str(), 0600), 0);
  EXPECT_EQ(indexed(), parsed());
  EXPECT_TRUE(std::filesystem::is_fifo(index_path));
}

TEST_F(CocoIndexTest, IsOpenedWithoutTheTemporaryFileOfAKilledWriter) {
  EXPECT_EQ(indexed(), parsed());
  folder.file("ann.json.pinfeed-index.0123456789abcdef.pinfeed-tmp", "half");
  EXPECT_EQ(indexed(), parsed());
  EXPECT_THAT(files(), testing::UnorderedElementsAre("ann.json", "ann.json.pinfeed-index"));
}

TEST_F(CocoIndexTest, IsReplacedWhenTheNamesAreThoseOfAnotherKey) {
  const std::string key = "\"file_name\"";
  const std::string added = "\"coco_url\": \"url.jpg\", ";
  std::string text = text_of("name.jpg");
  for (std::size_t at = text.find(key); at != std::string::npos;
       at = text.find(key, at + added.size() + key.size()))
    text.insert(at, added);
  folder.file("ann.json", text);
  const auto first_name = [&](NameKey names) {
    const CocoFile file = read_indexed_coco_file(path, 0, BadRecords::raise, names);
    return std::string(file.name_of(file.images[0]));
  };
  for (int repeat = 0; repeat < 2; ++repeat) {
    EXPECT_EQ(first_name(NameKey::file_name), "name.jpg");
    EXPECT_EQ(first_name(NameKey::coco_url), "url.jpg");
    EXPECT_EQ(first_name(NameKey::coco_url), "url.jpg");
  }
}

TEST_F(CocoIndexTest, IsNotWrittenForASmallFile) {
  EXPECT_EQ(described(read_indexed_coco_file(path, index_pays_from)), parsed());
  EXPECT_THAT(files(), testing::ElementsAre("ann.json"));
}

TEST_F(CocoIndexTest, IsStaleWhenTheSizeDiffers) {
  indexed();
  write("another_name.jpg", 100);
  EXPECT_FALSE(index());
  EXPECT_EQ(indexed(), parsed());
  EXPECT_TRUE(is_fresh());
}

TEST_F(CocoIndexTest, ComparesTheContentWhenTheTimeDiffers) {
  indexed();
  write("some_name.jpg", 50);
  ASSERT_TRUE(index());
  EXPECT_FALSE(is_fresh());
  EXPECT_EQ(indexed(), parsed());
  EXPECT_TRUE(is_fresh());
  write("SOME_NAME.jpg", 40);
  EXPECT_FALSE(index());
  EXPECT_EQ(indexed(), parsed());
  EXPECT_TRUE(is_fresh());
}

TEST_F(CocoIndexTest, ComparesTheContentOfARecentlyWrittenFile) {
  write("some_name.jpg", 0);
  const auto time = std::filesystem::last_write_time(path);
  indexed();
  ASSERT_TRUE(index());
  EXPECT_FALSE(is_fresh());
  folder.file("ann.json", text_of("SOME_NAME.jpg"));
  std::filesystem::last_write_time(path, time);
  EXPECT_FALSE(index());
  EXPECT_EQ(indexed(), parsed());
}

// `cp` over a folder truncates each file before it writes it.
TEST_F(CocoIndexTest, MayBeTruncatedInPlaceWhileItsRowsAreInUse) {
  indexed();
  const std::optional<CocoIndex> used = index();
  ASSERT_TRUE(used);
  std::filesystem::resize_file(index_path, 0);
  EXPECT_EQ(described(used->file), parsed());
  EXPECT_FALSE(index());
}

TEST_F(CocoIndexTest, DetectsADamagedByte) {
  const std::string expected = indexed();
  const std::string original = read_text(index_path, ErrorKind::data);
  for (std::size_t i = 0; i < original.size(); ++i) {
    std::string damaged = original;
    damaged[i] = static_cast<char>(damaged[i] ^ (1 << i % 8));
    folder.file("ann.json.pinfeed-index", damaged);
    ASSERT_FALSE(index()) << i;
    ASSERT_EQ(indexed(), expected) << i;
    ASSERT_TRUE(is_fresh()) << i;
  }
}

// Invalid rows with a matching checksum: the index is refused, or all of its content can be read
// safely.
TEST_F(CocoIndexTest, ChecksRowsWithAValidChecksum) {
  indexed();
  const std::string original = read_text(index_path, ErrorKind::data);
  const std::size_t signed_bytes = original.size() - sizeof(XXH128_hash_t);
  int refused = 0;
  for (std::size_t i = 0; i < signed_bytes; ++i) {
    for (const char damage : {'\x01', '\x80', '\xFF'}) {
      std::string damaged = original;
      damaged[i] = static_cast<char>(damaged[i] ^ damage);
      const XXH128_hash_t hash = XXH3_128bits(damaged.data(), signed_bytes);
      std::memcpy(damaged.data() + signed_bytes, &hash, sizeof hash);
      folder.file("ann.json.pinfeed-index", damaged);
      const std::optional<CocoIndex> found = index();
      found ? void(described(found->file)) : void(++refused);
    }
  }
  EXPECT_GT(refused, 100);
}

TEST_F(CocoIndexTest, IsIgnoredWhenTruncated) {
  const std::string expected = indexed();
  const std::string original = read_text(index_path, ErrorKind::data);
  for (std::size_t size = 0; size < original.size(); size += 7) {
    folder.file("ann.json.pinfeed-index", original.substr(0, size));
    ASSERT_FALSE(index()) << size;
    ASSERT_EQ(indexed(), expected) << size;
  }
  folder.file("ann.json.pinfeed-index", original + "x");
  EXPECT_FALSE(index());
}

TEST_F(CocoIndexTest, IsOptionalWhenItCannotBeWritten) {
  std::filesystem::create_directories(index_path + "/something");
  EXPECT_EQ(indexed(), parsed());
  EXPECT_FALSE(index());
}

TEST_F(CocoIndexTest, LeavesAReadOnlyFolderUnchanged) {
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
  const std::string expected = parsed();
  if (!test::can_be_ordinary_user()) GTEST_SKIP() << "cannot be anybody but root";
  {
    const test::OrdinaryUser user;  // root may write anywhere
    EXPECT_EQ(indexed(), expected);
  }
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
  EXPECT_THAT(files(), testing::ElementsAre("ann.json"));
}

TEST_F(CocoIndexTest, MayBeWrittenByManyProcessesAtOnce) {
  const std::string expected = parsed();
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      bool equal = true;
      for (int round = 0; round < 20; ++round) {
        std::filesystem::remove(index_path);
        equal = equal && indexed() == expected;
      }
      ::_exit(equal ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(indexed(), expected);
  EXPECT_TRUE(is_fresh());
  EXPECT_EQ(files().size(), 2U);
}

TEST_F(CocoIndexTest, IsDisabledByTheConfig) {
  std::string text = text_of("some_name.jpg");
  text.resize(index_pays_from, ' ');
  folder.file("ann.json", text);
  const Value part = written("dict(type='CocoDataset', ann_file='" + path +
                             "', data_prefix=dict(img=''), test_mode=True)");
  const auto size = [&](bool index) {
    const BuildContext context{.catalogs = &catalogs(), .index = index};
    return catalogs().datasets.make(part, "dataset", context).size;
  };
  EXPECT_EQ(size(false), 2);
  EXPECT_FALSE(std::filesystem::exists(index_path));
  EXPECT_EQ(size(true), 2);
  EXPECT_TRUE(std::filesystem::exists(index_path));
  EXPECT_EQ(size(true), 2);
}

TEST(LoaderOptions, ReadTheIndexKey) {
  EXPECT_TRUE(loader_options(read_config_text("").root).index);
  EXPECT_FALSE(loader_options(read_config_text("pinfeed = dict(index=False)\n").root).index);
}

}  // namespace
}  // namespace pinfeed

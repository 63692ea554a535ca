// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/datasets/folder_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "pinfeed/core/error.h"
#include "tests/data/planning.h"

namespace pinfeed {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class FolderSearchTest : public testing::Test {
 protected:
  FolderSearchTest() {
    for (const char* name : {"/cat/inner", "/dog"}) fs::create_directories(folder.path() + name);
    folder.file("cat/1.jpg", "");
    folder.file("cat/.2.jpg", "");
    folder.file("cat/inner/3.JPG", "");
    folder.file("dog/4.jpg", "");
    folder.file("dog/notes.txt", "");
  }
  void link(const std::string& target, const std::string& name) const {
    fs::create_directory_symlink(target, folder.path() + "/" + name);
  }

  Folder folder;
  FolderSearch search{folder.path()};
};

TEST_F(FolderSearchTest, FindsFilesAtAnyDepth) {
  EXPECT_THAT(search.folders(), ElementsAre("cat", "dog"));
  EXPECT_THAT(search.files_below("cat", {".jpg"}), ElementsAre("1.jpg", "inner/3.JPG"));
  EXPECT_THAT(search.files_below("", {".jpg"}),
              ElementsAre("cat/1.jpg", "cat/inner/3.JPG", "dog/4.jpg"));
  EXPECT_THAT(search.cycles(), IsEmpty());
}

TEST_F(FolderSearchTest, DoesNotFollowALinkToAFolderThatContainsIt) {
  link("..", "cat/up");
  link("../..", "cat/inner/top");
  link(".", "self");
  EXPECT_THAT(search.folders(), ElementsAre("cat", "dog"));
  EXPECT_THAT(search.files_below("cat", {".jpg"}), ElementsAre("1.jpg", "inner/3.JPG"));
  const std::string start = folder.path() + "/";
  EXPECT_THAT(search.cycles(),
              UnorderedElementsAre(start + "self", start + "cat/up", start + "cat/inner/top"));
  EXPECT_EQ(search.files_below("", {".jpg"}).size(), 3U);
}

TEST_F(FolderSearchTest, FollowsOtherLinksAsUpstream) {
  link("../dog", "cat/friend");
  EXPECT_THAT(search.files_below("cat", {".jpg"}),
              ElementsAre("1.jpg", "friend/4.jpg", "inner/3.JPG"));
  EXPECT_THAT(search.cycles(), IsEmpty());
}

TEST_F(FolderSearchTest, LeavesOutALinkThatLeadsNowhere) {
  fs::create_symlink("gone.jpg", folder.path() + "/dog/5.jpg");
  EXPECT_THAT(search.files_below("dog", {".jpg"}), ElementsAre("4.jpg"));
}

TEST_F(FolderSearchTest, NeedsItsFolder) {
  FolderSearch none(folder.path() + "/no");
  EXPECT_EQ(failure([&] { (void)none.folders(); }),
            "error: cannot read the folder " + folder.path() + "/no: No such file or directory\n");
}

}  // namespace
}  // namespace pinfeed

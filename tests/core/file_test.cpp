// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/file.h"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "tests/limits.h"

namespace pinfeed {
namespace {

namespace fs = std::filesystem;

// Each test runs in a folder of its own, so that errors show short paths.
class File : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() /
              (std::string("pinfeed_file_") + test->name() + std::to_string(::getpid()));
    fs::create_directories(folder_);
    before_ = fs::current_path();
    fs::current_path(folder_);
  }
  void TearDown() override {
    fs::current_path(before_);
    fs::remove_all(folder_);
  }
  static std::string text_of(const std::string& path) { return read_text(path, ErrorKind::data); }
  static int files() {
    return static_cast<int>(std::distance(fs::directory_iterator("."), fs::directory_iterator()));
  }

 private:
  fs::path folder_;
  fs::path before_;
};

void write_text(const std::string& path, std::string_view text) {
  write_atomically(path, [text](FileWriter& out) { out.write(text); });
}

std::string failure(const std::function<void()>& action, ErrorKind kind = ErrorKind::system) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind);
    return error.message();
  }
  return "no error";
}

TEST_F(File, IsWrittenAndReadBack) {
  write_text("a.txt", "one\ntwo");
  EXPECT_EQ(text_of("a.txt"), "one\ntwo");
  EXPECT_EQ(files(), 1);
}

TEST_F(File, TakesTheContentInManyPieces) {
  std::string expected;
  write_atomically("a.txt", [&expected](FileWriter& out) {
    for (int i = 0; i < 2000; ++i) {
      const std::string piece(static_cast<std::size_t>(i * 37 % 500),
                              static_cast<char>('a' + i % 26));
      out.write(piece);
      expected += piece;
    }
    out.write(std::string(200'000, 'z'));
    expected += std::string(200'000, 'z');
  });
  EXPECT_EQ(text_of("a.txt"), expected);
}

TEST_F(File, MayBeEmpty) {
  write_text("a.txt", "");
  EXPECT_EQ(text_of("a.txt"), "");
  EXPECT_EQ(map_file("a.txt", ErrorKind::data).size, 0U);
}

TEST_F(File, KeepsItsOldContentWhenTheWriterThrows) {
  write_text("a.txt", "old");
  const auto broken = [](FileWriter& out) {
    out.write("half of the ne");
    out.flush();
    throw std::runtime_error("stopped");
  };
  EXPECT_THROW(write_atomically("a.txt", broken), std::runtime_error);
  EXPECT_EQ(text_of("a.txt"), "old");
  EXPECT_EQ(files(), 1);
}

TEST_F(File, KeepsItsOldContentWhenItMayNotGrow) {
  write_text("a.txt", "old");
  {
    const test::FileSizeLimit limit(100'000);
    EXPECT_EQ(failure([] { write_text("a.txt", std::string(300'000, 'x')); }),
              "error: cannot write a.txt: File too large\n");
  }
  EXPECT_EQ(text_of("a.txt"), "old");
  EXPECT_EQ(files(), 1);
}

TEST_F(File, KeepsItsOldContentWhenTheDiskIsFull) {
  fs::create_directory("disk");
  if (::mount("tmpfs", "disk", "tmpfs", 0, "size=64k") != 0) {
    GTEST_SKIP() << "may not mount a small disk: " << system_reason();
  }
  write_text("disk/a.txt", "old");
  EXPECT_EQ(failure([] { write_text("disk/a.txt", std::string(1'000'000, 'x')); }),
            "error: cannot write disk/a.txt: No space left on device\n");
  EXPECT_EQ(text_of("disk/a.txt"), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator("disk"), fs::directory_iterator()), 1);
  EXPECT_EQ(::umount("disk"), 0);
}

TEST_F(File, ReportsAFullDevice) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  EXPECT_EQ(failure([] { write_text("/dev/full", "text"); }),
            "error: cannot write /dev/full: No space left on device\n");
}

TEST_F(File, NeedsItsFolder) {
  EXPECT_EQ(failure([] { write_text("nowhere/a.txt", "text"); }),
            "error: cannot write nowhere/a.txt: No such file or directory\n");
}

TEST_F(File, CannotReplaceAFolder) {
  fs::create_directory("a");
  EXPECT_EQ(failure([] { write_text("a", "text"); }), "error: cannot write a: Is a directory\n");
}

TEST_F(File, NeedsWritePermission) {
  fs::create_directory("locked");
  fs::permissions("locked", fs::perms::owner_read | fs::perms::owner_exec);
  if (!test::can_be_ordinary_user()) GTEST_SKIP() << "cannot be anybody but root";
  const test::OrdinaryUser user;  // root may write anywhere
  EXPECT_EQ(failure([] { write_text("locked/a.txt", "text"); }),
            "error: cannot write locked/a.txt: Permission denied\n");
}

TEST_F(File, KeepsItsPermissions) {
  write_text("a.txt", "old");
  fs::permissions("a.txt", fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  write_text("a.txt", "new");
  EXPECT_EQ(fs::status("a.txt").permissions(),
            fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
}

TEST_F(File, IsWrittenThroughALink) {
  fs::create_directory("far");
  write_text("far/a.txt", "old");
  fs::create_symlink("far/a.txt", "link");
  write_text("link", "new");
  EXPECT_TRUE(fs::is_symlink("link"));
  EXPECT_EQ(text_of("far/a.txt"), "new");
}

TEST_F(File, MissingIsAnErrorOfTheGivenKind) {
  const auto read = [](ErrorKind kind) { return [kind] { read_text("no.txt", kind); }; };
  const std::string expected = "error: cannot read no.txt: No such file or directory\n";
  EXPECT_EQ(failure(read(ErrorKind::config), ErrorKind::config), expected);
  EXPECT_EQ(failure(read(ErrorKind::data), ErrorKind::data), expected);
}

TEST_F(File, CannotBeReadWhenItIsAFolder) {
  fs::create_directory("a");
  const std::string expected = "error: cannot read a: Is a directory\n";
  EXPECT_EQ(failure([] { read_text("a", ErrorKind::data); }, ErrorKind::data), expected);
  EXPECT_EQ(failure([] { map_file("a", ErrorKind::data); }, ErrorKind::data), expected);
}

TEST_F(File, IsReadWholeWhenTheSystemDoesNotKnowItsSize) {
  EXPECT_NE(text_of("/proc/self/status").find("\nPid:"), std::string::npos);
}

TEST_F(File, IsMappedWithoutBeingChanged) {
  write_text("a.txt", "abc");
  const Buffer bytes = map_file("a.txt", ErrorKind::data);
  ASSERT_EQ(bytes.size, 3U);
  EXPECT_EQ(bytes.data()[1], std::byte{'b'});
  bytes.data()[1] = std::byte{'x'};
  EXPECT_EQ(text_of("a.txt"), "abc");
}

TEST_F(File, IsReadIntoMemoryThatATruncationDoesNotChange) {
  write_text("a.txt", std::string(100'000, 'x'));
  const Buffer bytes = read_bytes("a.txt", ErrorKind::data);
  fs::resize_file("a.txt", 0);
  ASSERT_EQ(bytes.size, 100'000U);
  EXPECT_EQ(bytes.data()[99'999], std::byte{'x'});
  EXPECT_EQ(read_bytes("a.txt", ErrorKind::data).size, 0U);
}

}  // namespace
}  // namespace pinfeed

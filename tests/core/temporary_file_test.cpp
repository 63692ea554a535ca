// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/temporary_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"

namespace pinfeed {
namespace {

namespace fs = std::filesystem;

class WrittenFile : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() /
              (std::string("pinfeed_written_") + test->name() + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string text(const std::string& name) const { return read_text(path(name), ErrorKind::data); }
  std::set<std::string> names() const {
    std::set<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      found.insert(entry.path().filename().string());
    }
    return found;
  }
  // Forks a process that writes half of the file, and kills it there.
  void kill_writer_of(const std::string& name) const {
    const ::pid_t child = ::fork();
    if (child == 0) {
      write_atomically(path(name), [](FileWriter& out) {
        out.write(std::string(100'000, 'x'));
        out.flush();
        ::raise(SIGKILL);
      });
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
  }

 private:
  fs::path folder_;
};

void write_line(const std::string& path, const WriteOptions& options = {}) {
  write_atomically(
      path, [](FileWriter& out) { out.write("new\n"); }, options);
}

TEST_F(WrittenFile, ReplacesALinkWhereLinksAreNotFollowed) {
  write_line(path("target"));
  fs::create_symlink("target", path("link"));
  std::ofstream(path("target")) << "kept";
  write_line(path("link"), {.follow_links = false});
  EXPECT_EQ(text("target"), "kept");
  EXPECT_FALSE(fs::is_symlink(path("link")));
  EXPECT_EQ(text("link"), "new\n");
}

TEST_F(WrittenFile, IsNotWrittenToAPipeWhereLinksAreNotFollowed) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  try {
    write_line(path("pipe"), {.follow_links = false});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(),
              "error: cannot write " + path("pipe") + ": it is not a regular file\n");
  }
}

TEST_F(WrittenFile, GoesToStandardOutputByItsName) {
  testing::internal::CaptureStdout();
  write_line("/dev/stdout");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "new\n");
}

TEST_F(WrittenFile, MayHaveTheLongestNameOfTheFileSystem) {
  const std::string name(255, 'n');
  write_line(path(name));
  EXPECT_EQ(names(), std::set<std::string>{name});
}

TEST_F(WrittenFile, OfAKilledProcessIsRemovedByTheNextWriter) {
  kill_writer_of("a.bin");
  ASSERT_EQ(names().size(), 1U);
  EXPECT_TRUE(names().begin()->ends_with(".pinfeed-tmp"));
  write_line(path("b.txt"));
  EXPECT_EQ(names(), std::set<std::string>{"b.txt"});
}

TEST_F(WrittenFile, OfALivingProcessStays) {
  const TemporaryFile mine(path("a.bin"), "a.bin");
  const std::set<std::string> before = names();
  remove_abandoned_files_beside(path("a"));
  EXPECT_EQ(names(), before);
  EXPECT_EQ(before.size(), 1U);
}

TEST_F(WrittenFile, OfAnotherProgramStays) {
  std::ofstream(path("a.tmp")) << "theirs";
  std::ofstream(path("a.pinfeed-tmp")) << "theirs";
  ASSERT_EQ(::mkfifo(path("b.0123456789abcdef.pinfeed-tmp").c_str(), 0600), 0);
  fs::create_symlink("a.tmp", path("c.0123456789abcdef.pinfeed-tmp"));
  remove_abandoned_files_beside(path("a"));
  EXPECT_EQ(names().size(), 4U);
}

// As two containers do that share a folder and have equal process ids.
TEST_F(WrittenFile, IsWholeWhenSeveralWriteItAtOnce) {
  constexpr int writers = 4;
  std::vector<std::thread> threads;
  threads.reserve(writers);
  for (int i = 0; i < writers; ++i) {
    threads.emplace_back([this, i] {
      const std::string content(300'000, static_cast<char>('a' + i));
      for (int turn = 0; turn < 20; ++turn) {
        remove_abandoned_files_beside(path("a"));
        write_atomically(path("a.bin"), [&](FileWriter& out) { out.write(content); },
                         {.durable = false});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string found = text("a.bin");
  EXPECT_EQ(found, std::string(300'000, found.front()));
  EXPECT_EQ(names(), std::set<std::string>{"a.bin"});
}

TEST_F(WrittenFile, GrowsByLines) {
  {
    AppendedFile log(path("log"));
    EXPECT_EQ(text("log"), "");
    log.add("one");
  }
  AppendedFile(path("log")).add("two");
  EXPECT_EQ(text("log"), "one\ntwo\n");
}

TEST_F(WrittenFile, ThatGrowsKnowsThatItWasRemoved) {
  AppendedFile log(path("log"));
  EXPECT_FALSE(log.removed());
  fs::remove(path("log"));
  EXPECT_TRUE(log.removed());
  std::ofstream(path("log")) << "of another";
  EXPECT_TRUE(log.removed());
}

TEST_F(WrittenFile, ThatGrowsFollowsLinksOnlyIfItMay) {
  std::ofstream(path("target")).flush();
  fs::create_symlink("target", path("link"));
  AppendedFile(path("link")).add("one");
  EXPECT_EQ(text("target"), "one\n");
  try {
    const AppendedFile log(path("link"), /*follow_links=*/false);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.text(), "cannot write " + path("link") + ": it is not a regular file");
  }
}

TEST_F(WrittenFile, ThatGrowsNeedsItsFolder) {
  try {
    const AppendedFile log(path("no/log"));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::system);
    EXPECT_EQ(error.text(), "cannot write " + path("no/log") + ": No such file or directory");
  }
}

TEST_F(WrittenFile, ThatGrowsMayBeAPipeThatIsRead) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  try {
    const AppendedFile log(path("pipe"));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::system);
    EXPECT_EQ(error.text(), "cannot write " + path("pipe") + ": no process reads this pipe");
  }
  const FileDescriptor reader(::open(path("pipe").c_str(), O_RDONLY | O_NONBLOCK));
  ASSERT_TRUE(reader.open());
  AppendedFile(path("pipe")).add("one");
  std::array<char, 8> got = {};
  EXPECT_EQ(::read(reader.number(), got.data(), got.size()), 4);
  EXPECT_EQ(std::string(got.data()), "one\n");
}

TEST_F(WrittenFile, NamesASourceThatWasTruncated) {
  std::ofstream(path("source")) << std::string(100'000, 'x');
  const Buffer source = map_file(path("source"), ErrorKind::data);
  fs::resize_file(path("source"), 0);
  try {
    write_atomically(path("a.bin"),
                     [&](FileWriter& out) { out.write(std::span(source.data(), source.size)); });
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    EXPECT_EQ(error.text(), "cannot write " + path("a.bin") +
                                ": a file that it is made from was truncated while it was read");
  }
  EXPECT_EQ(names(), (std::set<std::string>{"source"}));
}

}  // namespace
}  // namespace pinfeed

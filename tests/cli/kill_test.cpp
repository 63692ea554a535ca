// SPDX-License-Identifier: Apache-2.0
// A loader with page-locked slots is killed; the system gets all of its memory back.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <set>
#include <string>
#include <thread>

#include "pinfeed/memory/host_memory.h"
#include "tests/cli/program.h"

namespace pinfeed::test {
namespace {

constexpr const char* config =
    "train_dataloader = dict(batch_size=2, num_workers=0,\n"
    "    sampler=dict(type='DefaultSampler', shuffle=True),\n"
    "    collate_fn=dict(type='default_collate'),\n"
    "    dataset=dict(type='CocoDataset', data_root='shapes/',\n"
    "        metainfo=dict(classes=('circle', 'square', 'triangle', 'star', 'cross')),\n"
    "        ann_file='annotations/train.json', data_prefix=dict(img='train/'),\n"
    "        pipeline=[dict(type='LoadImageFromFile'), dict(type='PackInputs')]))\n"
    "pinfeed = dict(pinning='require', threads=2)\n";

std::set<std::string> shared_memory() {
  std::set<std::string> names;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/dev/shm", ignored)) {
    names.insert(entry.path().filename());
  }
  return names;
}

// KiB of locked memory, of all processes.
long locked_kib() {
  std::ifstream meminfo("/proc/meminfo");
  for (std::string key; meminfo >> key;) {
    long kib = 0;
    if (key == "Mlocked:" && meminfo >> kib) return kib;
  }
  return 0;
}

// Other tests lock memory too, for a moment.
bool soon_unlocked(long kib) {
  for (int tries = 0; tries < 100 && locked_kib() > kib; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return locked_kib() <= kib;
}

struct Child {
  ::pid_t id = -1;
  FILE* lines = nullptr;
};

Child started(const std::filesystem::path& folder) {
  int ends[2] = {};
  if (::pipe(ends) != 0) return {};
  const ::pid_t id = ::fork();
  if (id == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[0]);
    if (::chdir(folder.c_str()) != 0) std::_Exit(127);
    ::execl(PINFEED_BINARY_DIR "/pinfeed", "pinfeed", "batches", "c.py", "--epochs", "400",
            "--limit", "1000", "--hash", static_cast<char*>(nullptr));
    std::_Exit(127);
  }
  ::close(ends[1]);
  return {id, ::fdopen(ends[0], "r")};
}

TEST(Kill, ReleasesAllMemoryAndTheNextRunIsEqual) {
  if (lockable_bytes() < (std::size_t{64} << 20U)) GTEST_SKIP() << "the lock limit is too low";
  const TemporaryFolder folder;
  ASSERT_EQ(program({"shapes", "shapes", "--images", "6", "--val", "1"}, folder.path()).code, 0);
  folder.write("c.py", config);
  const std::set<std::string> before = shared_memory();
  const long locked_before = locked_kib();
  const Child child = started(folder.path());
  ASSERT_GT(child.id, 0);
  std::string first_lines;
  char line[256] = {};
  for (int i = 0; i < 500; ++i) {  // in the middle of 1000 batches
    ASSERT_NE(std::fgets(line, sizeof line, child.lines), nullptr) << "ended after " << i;
    if (i < 20) first_lines += line;
  }
  ::kill(child.id, SIGKILL);
  int status = 0;
  ::waitpid(child.id, &status, 0);
  std::fclose(child.lines);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(shared_memory(), before);
  EXPECT_TRUE(soon_unlocked(locked_before + 1024));
  const Outcome again =
      program({"batches", "c.py", "--epochs", "7", "--limit", "20", "--hash"}, folder.path());
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(again.err, "");
  EXPECT_EQ(again.out, first_lines);
}

}  // namespace
}  // namespace pinfeed::test

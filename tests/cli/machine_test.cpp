// SPDX-License-Identifier: Apache-2.0
// The program under the limits of a machine: locked memory, CPUs, the sizes of files.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "pinfeed/core/file.h"
#include "tests/cli/program.h"

namespace pinfeed::test {
namespace {

constexpr const char* config = R"(
train_dataloader = dict(batch_size=1000, num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    collate_fn=dict(type='default_collate'),
    dataset=dict(type='CocoDataset', data_root='shapes/',
        metainfo=dict(classes=('circle', 'square', 'triangle', 'star', 'cross')),
        ann_file='annotations/train.json', data_prefix=dict(img='train/'),
        pipeline=[dict(type='LoadImageFromFile'),
                  dict(type='Resize', scale=(1000, 1000), keep_ratio=False),
                  dict(type='PackInputs')]))
)";

class Machine : public testing::Test {
 protected:
  Machine() {
    EXPECT_EQ(program({"shapes", "shapes", "--images", "8", "--val", "1"}, folder.path()).code, 0);
    folder.write("c.py", config);
  }

  // Runs a command of the shell, in which $PINFEED is the program.
  Outcome shell(const std::string& command) const {
    const std::string text = "cd '" + folder.path().string() + "' && PINFEED='" +
                             PINFEED_BINARY_DIR "/pinfeed' && { " + command +
                             "; } >out.txt 2>err.txt";
    const int status = std::system(text.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, file("out.txt"), file("err.txt")};
  }

  std::string file(const std::string& name) const {
    return read_text(folder / name, ErrorKind::data);
  }

  // The most memory that `batches` with these arguments had in use at once, in bytes.
  std::int64_t peak_bytes(const std::string& arguments) const {
    const pid_t child = ::fork();
    if (child == 0) {
      ::execl("/bin/sh", "sh", "-c",
              ("cd '" + folder.path().string() + "' && exec '" + PINFEED_BINARY_DIR +
               "/pinfeed' batches " + arguments + " >out.txt 2>err.txt")
                  .c_str(),
              nullptr);
      std::_Exit(127);
    }
    ::rusage usage = {};
    int status = 0;
    ::wait4(child, &status, 0, &usage);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) != 127);
    code = WEXITSTATUS(status);
    return std::int64_t{1024} * usage.ru_maxrss;
  }

  TemporaryFolder folder;
  mutable int code = 0;  // of the last peak_bytes()
};

constexpr std::int64_t mib = std::int64_t{1} << 20;

TEST_F(Machine, AnOrdinaryUserWhoMayLockLittleGetsTheOtherNumbers) {
  const std::string user =
      ::geteuid() == 0 ? "setpriv --reuid=65534 --clear-groups --inh-caps=-all " : "";
  if (!user.empty() && std::system("setpriv --version >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "no setpriv";
  }
  if (shell(user + "\"$PINFEED\" --help").code != 0) {
    GTEST_SKIP() << "another user may not run " PINFEED_BINARY_DIR "/pinfeed: " << file("err.txt");
  }
  for (const std::string kib : {"64", "0"}) {
    const Outcome outcome =
        shell("ulimit -l " + kib + " && cd / && " + user + "\"$PINFEED\" memory");
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_NE(outcome.out.find(kib == "64" ? "blocks of pinned memory have only 32 KiB: this "
                                             "process can lock 64 KiB (RLIMIT_MEMLOCK"
                                           : "pinned memory was not measured: this process can "
                                             "lock 0 bytes (RLIMIT_MEMLOCK"),
              std::string::npos)
        << outcome.out;
    EXPECT_NE(outcome.out.find("\nOverlap"), std::string::npos);
  }
}

TEST_F(Machine, OneCpuGetsOneRenderThread) {
  if (std::system("taskset --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no taskset";
  const Outcome outcome = shell(
      "taskset -c \"$(taskset -pc $$ | sed 's/.*: //; s/[,-].*//')\" \"$PINFEED\" bench c.py "
      "--seconds 0.1 --json --cfg-options train_dataloader.batch_size=2");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("\"threads\": 1,"), std::string::npos) << outcome.out;
}

TEST_F(Machine, AFewImagesTakeLittleMemoryWhateverTheBatchSize) {
  EXPECT_LT(peak_bytes("c.py --limit 1"), 300 * mib);
  EXPECT_EQ(code, 0);
}

// The bound of these steps is a million pixels a side, and images are padded to one size.
TEST_F(Machine, AHugeBoundOfSmallImagesAllocatesNoHugeSlots) {
  std::string text = config;
  const std::string step = "dict(type='Resize', scale=(1000, 1000), keep_ratio=False),";
  text.replace(text.find(step), step.size(),
               "dict(type='LoadAnnotations', with_bbox=True),"
               "dict(type='RandomChoiceResize', scales=[(100, 1048576)], keep_ratio=True),"
               "dict(type='MinIoURandomCrop', min_ious=[0.0]),");
  text.replace(text.find("default_collate"), 15, "pack_collate");
  text.replace(text.find("PackInputs"), 10, "PackDetInputs");
  folder.write("huge.py", text);
  EXPECT_LT(peak_bytes("huge.py"), 300 * mib);
  EXPECT_EQ(code, 0) << file("err.txt");
}

TEST_F(Machine, ASparseFileIsRefusedBeforeItIsRead) {
  std::filesystem::path image;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path() / "shapes/train")) {
    if (image.empty() || entry.path() < image) image = entry.path();
  }
  const std::string batch = "c.py --limit 1 --cfg-options train_dataloader.batch_size=1 ";
  const std::int64_t usual = peak_bytes(batch);
  EXPECT_EQ(code, 0);
  std::filesystem::resize_file(image, std::uintmax_t{60} << 20U);
  EXPECT_LT(peak_bytes(batch + "pinfeed.memory_budget=100000000"), usual + 40 * mib);
  EXPECT_EQ(code, 3);
  std::filesystem::resize_file(image, std::uintmax_t{2} << 30U);
  EXPECT_LT(peak_bytes(batch), usual + 40 * mib);
  EXPECT_EQ(code, 3);
}

TEST_F(Machine, TheMemoryBudgetBoundsWhatIsMadeAhead) {
  const std::string batches =
      "c.py --hash --epochs 20 --cfg-options train_dataloader.batch_size=4 pinfeed.prefetch=16 ";
  const std::int64_t without = peak_bytes(batches);
  EXPECT_EQ(code, 0);
  const std::int64_t with = peak_bytes(batches + "pinfeed.memory_budget=30000000");
  EXPECT_EQ(code, 0);
  EXPECT_LT(with + 20 * mib, without);
}

}  // namespace
}  // namespace pinfeed::test

// SPDX-License-Identifier: Apache-2.0
// A running loader allocates nothing. The malloc and mmap of this program count all calls,
// including those of operator new and of the libraries.
#include "pinfeed/data/loader/loader.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <string>

#include "pinfeed/config/read.h"
#include "pinfeed/data/loader/builtin_catalogs.h"
#include "pinfeed/synthetic/shapes.h"
#include "tests/shapes_config.h"

namespace {

std::atomic<bool> counting = false;
std::atomic<int> count = 0;

void count_call() {
  if (counting) ++count;
}

}  // namespace

extern "C" {

// The C library's own functions.
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* bytes, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) {
  count_call();
  return __libc_malloc(size);
}
void* calloc(std::size_t elements, std::size_t size) {
  count_call();
  return __libc_calloc(elements, size);
}
void* realloc(void* bytes, std::size_t size) {
  count_call();
  return __libc_realloc(bytes, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
  count_call();
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  count_call();
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** to, std::size_t alignment, std::size_t size) {
  count_call();
  *to = __libc_memalign(alignment, size);
  return *to == nullptr ? ENOMEM : 0;
}
void* mmap(void* at, std::size_t size, int protection, int flags, int file, off_t offset) {
  count_call();
  return reinterpret_cast<void*>(::syscall(SYS_mmap, at, size, protection, flags, file, offset));
}

}  // extern "C"

namespace pinfeed {
namespace {

class RunningLoader : public testing::Test {
 protected:
  RunningLoader() {
    Shapes shapes;
    shapes.images = 40;
    shapes.val = 1;
    write_shapes(shapes, folder);
  }
  ~RunningLoader() override { std::filesystem::remove_all(folder); }

  Loader loader(const std::string& collate, const std::string& more_steps,
                const std::string& sampler = "InfiniteSampler") const {
    const std::string text =
        "train_dataloader = dict(batch_size=4, sampler=dict(type='" + sampler +
        "', shuffle=True), collate_fn=dict(type='" + collate + "'), dataset=" +
        test::shapes_dataset(folder,
                             "dict(type='LoadImageFromFile'), "
                             "dict(type='LoadAnnotations', with_bbox=True), "
                             "dict(type='Resize', scale=(200, 120), keep_ratio=True), "
                             "dict(type='RandomFlip', prob=0.5), " +
                                 more_steps + "dict(type='PackDetInputs')") +
        ")\npinfeed = dict(threads=2)\n";
    const Value config = read_config_text(text).root;
    return make_loader(config, "train_dataloader", catalogs, loader_options(config));
  }

  // Four hundreds of batches after the first hundred: in one of them no call, and in all of them
  // few. How many batches are under way at once depends on the machine: when they are more than
  // ever before, or their files are larger, the pool of file buffers takes one more from the
  // system.
  static void expect_steady(Loader loader) {
    constexpr int batches = 100;
    constexpr int few = 16;
    load(loader, batches);
    int fewest = std::numeric_limits<int>::max();
    int sum = 0;
    for (int hundred = 0; hundred < 4; ++hundred) {
      count = 0;
      counting = true;
      load(loader, batches);
      counting = false;
      fewest = std::min(fewest, count.load());
      sum += count;
    }
    EXPECT_EQ(fewest, 0);
    EXPECT_LE(sum, few);
  }

  // Loads so many batches, over as many epochs as needed.
  static void load(Loader& loader, int batches) {
    for (int i = 0; i < batches; i += loader.next() ? 1 : 0) continue;
  }

  const std::string folder =
      (std::filesystem::temp_directory_path() / ("pinfeed-steady-" + std::to_string(::getpid())))
          .string();
  const Catalogs catalogs = builtin();
};

constexpr const char* padding =
    "dict(type='Pad', size=(200, 120), pad_val=dict(img=(114, 114, 114))),";

TEST_F(RunningLoader, WithPseudoCollateAllocatesNothing) {
  expect_steady(loader("pseudo_collate", padding));
}

TEST_F(RunningLoader, WithDefaultCollateAllocatesNothing) {
  expect_steady(loader("default_collate", padding));
}

TEST_F(RunningLoader, WithPadCollateAllocatesNothing) { expect_steady(loader("pad_collate", "")); }

TEST_F(RunningLoader, AllocatesNothingFromEpochToEpoch) {
  expect_steady(loader("pseudo_collate", padding, "DefaultSampler"));
}

}  // namespace
}  // namespace pinfeed

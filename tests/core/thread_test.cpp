// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/thread.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "pinfeed/core/core_numbers.h"
#include "pinfeed/core/error.h"
#include "tests/limits.h"

namespace pinfeed {
namespace {

id_t this_thread() { return static_cast<id_t>(::syscall(SYS_gettid)); }

int nice_value() { return ::getpriority(PRIO_PROCESS, this_thread()); }

int nice_of_new_thread(Priority priority) {
  int nice = -1;
  start_thread("pinfeed-test", priority, [&nice] { nice = nice_value(); }).join();
  return nice;
}

// In a thread of its own, because a raised nice value cannot be lowered again without rights.
TEST(Thread, OfTheBackgroundIsBelowTheThreadThatStartsIt) {
  const int before = nice_value();
  std::thread([before] {
    EXPECT_EQ(nice_of_new_thread(Priority::background), std::min(before + 5, 19));
    EXPECT_EQ(nice_of_new_thread(Priority::normal), before);
    const int raised = std::max(before, 15);
    ::setpriority(PRIO_PROCESS, this_thread(), raised);
    EXPECT_EQ(nice_of_new_thread(Priority::background), 19);
    EXPECT_EQ(nice_of_new_thread(Priority::normal), raised);
  }).join();
  EXPECT_EQ(nice_value(), before);
}

TEST(Thread, HasTheFirst15BytesOfItsName) {
  std::array<char, 16> name = {};
  start_thread("pinfeed-render-100", Priority::normal, [&name] {
    pthread_getname_np(pthread_self(), name.data(), name.size());
  }).join();
  EXPECT_STREQ(name.data(), "pinfeed-render-");
}

void start_beyond_the_limit() {
  test::lower_for_good(RLIMIT_NPROC, 0);
  try {
    start_thread("pinfeed-test", Priority::normal, [] {}).join();
    std::_Exit(0);
  } catch (const Error& error) {
    std::fputs(error.what(), stderr);
    std::_Exit(exit_code(error.kind()));
  }
}

TEST(ThreadDeathTest, ThatCannotBeStartedIsAnErrorOfTheSystem) {
  if (!test::can_be_ordinary_user()) GTEST_SKIP() << "cannot be anybody but root";
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(start_beyond_the_limit(), testing::ExitedWithCode(5),
              "^error: cannot start the thread pinfeed-test: Resource temporarily unavailable\n"
              "help: use fewer threads, or raise the limit of threads: 'ulimit -u', or pids.max of "
              "the control group\n$");
}

TEST(UsableCores, AreThoseOfTheAffinityMask) {
  std::thread([] {
    cpu_set_t all;
    ASSERT_EQ(::sched_getaffinity(0, sizeof all, &all), 0);
    cpu_set_t one;
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu) {
      if (CPU_ISSET(cpu, &all)) CPU_SET(cpu, &one);
    }
    EXPECT_GE(usable_cores(), 1);
    EXPECT_LE(usable_cores(), CPU_COUNT(&all));
    ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
    EXPECT_EQ(usable_cores(), 1);
    ASSERT_EQ(core_numbers().size(), 1U);
    EXPECT_TRUE(CPU_ISSET(core_numbers().front(), &one));
  }).join();
}

}  // namespace
}  // namespace pinfeed

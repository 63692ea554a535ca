// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/control_group.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/temporary_folder.h"

namespace pinfeed {
namespace {

// A tree with the files that group_limits() reads.
class ControlGroups : public testing::Test {
 protected:
  void file(const std::string& path, const std::string& text) const {
    root_.write(path.substr(1), text);
  }
  GroupLimits limits() const { return group_limits(root_.path()); }

 private:
  test::TemporaryFolder root_;
};

constexpr const char* unified_mount =
    "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

TEST_F(ControlGroups, OfVersion2LimitThroughAllGroupsAboveTheProcess) {
  file("/proc/self/mountinfo", unified_mount);
  file("/proc/self/cgroup", "0::/batch/job 7/step\n");
  file("/sys/fs/cgroup/batch/memory.max", "3000000000\n");
  file("/sys/fs/cgroup/batch/job 7/memory.max", "2000000000\n");
  file("/sys/fs/cgroup/batch/job 7/step/memory.max", "max\n");
  file("/sys/fs/cgroup/batch/cpu.max", "150000 100000\n");
  file("/sys/fs/cgroup/batch/job 7/step/cpu.max", "max 100000\n");
  EXPECT_EQ(limits().memory_bytes, 2'000'000'000U);
  EXPECT_EQ(limits().cpus, 1.5);
}

TEST_F(ControlGroups, OfVersion1AreReadFromTheHierarchyOfTheirController) {
  file("/proc/self/mountinfo",
       "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
       "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
  file("/proc/self/cgroup", "4:memory:/user/a\n3:cpu,cpuacct:/user\n0::/\n");
  file("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  file("/sys/fs/cgroup/memory/user/memory.limit_in_bytes", "4000000000\n");
  file("/sys/fs/cgroup/memory/user/a/memory.limit_in_bytes", "5000000000\n");
  file("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  file("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  file("/sys/fs/cgroup/cpu,cpuacct/user/cpu.cfs_quota_us", "50000\n");
  file("/sys/fs/cgroup/cpu,cpuacct/user/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(limits().memory_bytes, 4'000'000'000U);
  EXPECT_EQ(limits().cpus, 0.5);
}

// /proc/self/cgroup has the path of the host, and only the container's own group is mounted.
TEST_F(ControlGroups, OfAContainerAreThoseOfTheMountPoint) {
  file("/proc/self/mountinfo",
       "35 31 0:32 /docker/ab /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n");
  file("/proc/self/cgroup", "4:memory:/docker/ab\n");
  file("/sys/fs/cgroup/memory/memory.limit_in_bytes", "1000000000\n");
  EXPECT_EQ(limits().memory_bytes, 1'000'000'000U);
  file("/proc/self/cgroup", "4:memory:/docker/ab/inner\n");
  file("/sys/fs/cgroup/memory/inner/memory.limit_in_bytes", "500000000\n");
  EXPECT_EQ(limits().memory_bytes, 500'000'000U);
  file("/proc/self/cgroup", "4:memory:/../other\n");
  EXPECT_EQ(limits().memory_bytes, 1'000'000'000U);
}

TEST_F(ControlGroups, WithoutFilesLimitNothing) {
  EXPECT_FALSE(limits().memory_bytes);
  EXPECT_FALSE(limits().cpus);
  file("/proc/self/mountinfo", unified_mount);
  file("/proc/self/cgroup", "nonsense\n0::/\n");
  file("/sys/fs/cgroup/cpu.max", "max 100000\n");
  EXPECT_FALSE(limits().cpus);
}

}  // namespace
}  // namespace pinfeed

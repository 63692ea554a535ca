// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/device.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

class DeviceTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!device_present()) GTEST_SKIP() << "no " << backend() << " device on this machine";
  }
};

// Work that blocks a stream until the gate is opened.
struct Gate {
  std::atomic<bool> open = false;
  static void pass(void* gate) {
    while (!static_cast<Gate*>(gate)->open) std::this_thread::yield();
  }
};

void set(void* flag) { *static_cast<std::atomic<bool>*>(flag) = true; }

TEST_F(DeviceTest, CopiesToTheDeviceAndBack) {
  std::vector<std::uint8_t> numbers(100'000);
  std::iota(numbers.begin(), numbers.end(), std::uint8_t{0});
  std::vector<std::uint8_t> back(numbers.size());
  const Stream stream;
  const Buffer device = allocate_device(numbers.size());
  EXPECT_EQ(device.kind, MemoryKind::device);
  copy_async(std::as_bytes(std::span(numbers)), device.data(), stream);
  copy_async({device.data(), device.size}, reinterpret_cast<std::byte*>(back.data()), stream);
  synchronize(stream);
  EXPECT_EQ(back, numbers);
}

TEST_F(DeviceTest, DoesTheWorkOfAStreamInOrderWithoutTheHost) {
  const Stream stream;
  Gate gate;
  std::atomic<bool> done = false;
  call_async(Gate::pass, &gate, stream);
  call_async(set, &done, stream);
  EXPECT_FALSE(done);
  gate.open = true;
  synchronize(stream);
  EXPECT_TRUE(done);
}

TEST_F(DeviceTest, ReachesAnEventWhenTheWorkBeforeItIsDone) {
  const Stream stream;
  const Event event;
  EXPECT_TRUE(reached(event));  // never recorded
  Gate gate;
  call_async(Gate::pass, &gate, stream);
  record(event, stream);
  EXPECT_FALSE(reached(event));
  gate.open = true;
  synchronize(event);
  EXPECT_TRUE(reached(event));
}

TEST_F(DeviceTest, MakesOneStreamWaitForAnother) {
  const Stream first;
  const Stream second;
  const Event event;
  Gate gate;
  std::atomic<bool> done = false;
  call_async(Gate::pass, &gate, first);
  record(event, first);
  wait(second, event);
  call_async(set, &done, second);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_FALSE(done);
  gate.open = true;
  synchronize(second);
  EXPECT_TRUE(done);
}

TEST_F(DeviceTest, DoesNotWaitForAnEventThatWasNeverRecorded) {
  const Stream stream;
  wait(stream, Event());
  synchronize(stream);
}

TEST_F(DeviceTest, BorrowsAStreamByItsNativeHandle) {
  const Stream stream;
  const Stream borrowed = Stream::borrowed(stream.native());
  Gate gate;
  std::atomic<bool> done = false;
  call_async(Gate::pass, &gate, stream);
  call_async(set, &done, borrowed);
  EXPECT_FALSE(done);
  gate.open = true;
  synchronize(stream);
  EXPECT_TRUE(done);
}

TEST_F(DeviceTest, FinishesTheWorkBeforeAStreamIsDestroyed) {
  std::atomic<bool> done = false;
  { call_async(set, &done, Stream()); }
  EXPECT_TRUE(done);
}

TEST_F(DeviceTest, RefusesAnUnknownIndexAndNamesTheNumberOfDevices) {
  choose_device(0);
  const std::string here = backend() == "host"
                               ? "; the only one is 0"
                               : "; there are " + std::to_string(device_count()) + ", from 0 on";
  for (const int index : {-1, 99}) {
    try {
      choose_device(index);
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::device);
      EXPECT_EQ(error.message(),
                "error: there is no device " + std::to_string(index) + here + "\n");
    }
  }
}

TEST_F(DeviceTest, HasADescription) { EXPECT_FALSE(device_description().empty()); }

}  // namespace
}  // namespace pinfeed

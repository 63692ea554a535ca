// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/render_clock.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "pinfeed/image/render.h"
#include "tests/image/pixels.h"

namespace pinfeed::image {
namespace {

using namespace std::chrono_literals;

std::int64_t of(const RenderTimes& times, RenderStage stage) {
  return times[static_cast<std::size_t>(stage)];
}

TEST(RenderClock, GivesTimeToTheInnermostPart) {
  RenderClock clock;
  clock.measure(true);
  for (int picture = 0; picture < 2; ++picture) {  // the second counts from zero
    clock.begin(RenderStage::write);
    {
      const RenderClock::Part resample(clock, RenderStage::resample);
      std::this_thread::sleep_for(4ms);
      const RenderClock::Part decode(clock, RenderStage::decode);
      std::this_thread::sleep_for(2ms);
    }
    clock.end();
  }
  EXPECT_GE(of(clock.times(), RenderStage::resample), 4'000'000);
  EXPECT_GE(of(clock.times(), RenderStage::decode), 2'000'000);
  EXPECT_LT(of(clock.times(), RenderStage::write), 1'000'000);
  EXPECT_LT(of(clock.times(), RenderStage::resample), 8'000'000);
}

// A JPEG of noise in a file of the test's own.
std::vector<std::byte> noise_jpeg() {
  const std::string path =
      (std::filesystem::temp_directory_path() / "pinfeed_render_clock.jpg").string();
  Image image = make_image({200, 100});
  Mt19937 random(1);
  for (std::size_t i = 0; i < image.pixels.bytes(); ++i) {
    image.pixels.data()[i] = static_cast<std::byte>(random.next());
  }
  write_jpeg(image, path);
  std::vector<std::byte> bytes = read_file(path);
  std::filesystem::remove(path);
  return bytes;
}

TEST(Scratch, TellsWhatAPictureTookWhereItIsMeasured) {
  const std::vector<std::byte> bytes = noise_jpeg();
  Encoded encoded{.path = "noise", .header = read_header(bytes, "noise"), .bytes = bytes};
  Arena arena;
  const Picture picture =
      normalized(resized(decoded(&encoded, arena), {150, 80}, Interpolation::bilinear), {});
  const Image out = make_image(picture.size(), picture.channels(), picture.dtype());
  Scratch scratch;
  render(picture, out.view(), scratch);
  EXPECT_EQ(scratch.times(), RenderTimes());
  scratch.measure(true);
  render(picture, out.view(), scratch);
  const RenderTimes measured = scratch.times();
  for (const auto stage : {RenderStage::decode, RenderStage::resample, RenderStage::colour}) {
    EXPECT_GT(of(measured, stage), 0);
  }
  scratch.measure(false);
  render(picture, out.view(), scratch);
  EXPECT_EQ(scratch.times(), measured);
}

}  // namespace
}  // namespace pinfeed::image

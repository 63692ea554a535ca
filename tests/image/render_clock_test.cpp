// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/expression/render_clock.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

#include "pinfeed/image/expression/render.h"
#include "tests/image/pixels.h"

namespace pinfeed::image {
namespace {

using namespace std::chrono_literals;

std::int64_t of(const RenderTimes& times, RenderStage stage) {
  return times[static_cast<std::size_t>(stage)];
}

// A clock that the test sets.
struct ManualClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<ManualClock>;
  static constexpr bool is_steady = true;
  static time_point now() { return at; }
  static inline time_point at = {};
};

TEST(RenderClock, CountsTimeForTheInnermostPart) {
  BasicRenderClock<ManualClock> clock;
  using Part = BasicRenderClock<ManualClock>::Part;
  clock.measure(true);
  for (int image = 0; image < 2; ++image) {  // the second counts from zero
    clock.begin(RenderStage::write);
    ManualClock::at += 1ns;
    {
      const Part resample(clock, RenderStage::resample);
      ManualClock::at += 40ns;
      {
        const Part decode(clock, RenderStage::decode);
        ManualClock::at += 200ns;
      }
      ManualClock::at += 5ns;
    }
    ManualClock::at += 7ns;
    clock.end();
    EXPECT_EQ(clock.times(), (RenderTimes{200, 45, 0, 8}));
  }
}

// A JPEG of noise.
std::vector<std::byte> noise_jpeg() {
  const std::string path =
      (std::filesystem::temp_directory_path() / "pinfeed_render_clock.jpg").string();
  Image image = make_image({200, 100});
  Mt19937 random(1);
  for (std::size_t i = 0; i < image.pixels.bytes(); ++i) {
    image.pixels.data()[i] = static_cast<std::byte>(random.next());
  }
  write_jpeg(image, path);
  std::vector<std::byte> bytes = bytes_of(path);
  std::filesystem::remove(path);
  return bytes;
}

TEST(Scratch, MeasuresTheStagesOfAnImageIfAsked) {
  const std::vector<std::byte> bytes = noise_jpeg();
  Encoded encoded{.path = "noise", .header = read_header(bytes, "noise"), .bytes = bytes};
  Arena arena;
  const ImageExpr image =
      normalized(resized(decoded(&encoded, arena), {150, 80}, Interpolation::bilinear), {});
  const Image out = make_image(image.size(), image.channels(), image.dtype());
  Scratch scratch;
  render(image, out.view(), scratch);
  EXPECT_EQ(scratch.times(), RenderTimes());
  scratch.measure(true);
  render(image, out.view(), scratch);
  const RenderTimes measured = scratch.times();
  for (const auto stage : {RenderStage::decode, RenderStage::resample, RenderStage::colour}) {
    EXPECT_GT(of(measured, stage), 0);
  }
  scratch.measure(false);
  render(image, out.view(), scratch);
  EXPECT_EQ(scratch.times(), measured);
}

}  // namespace
}  // namespace pinfeed::image

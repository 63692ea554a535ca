// SPDX-License-Identifier: Apache-2.0
// Golden values: tools/golden/filters.py.
#include <gtest/gtest.h>

#include <map>

#include "pinfeed/image/color/jitter.h"
#include "pinfeed/image/expression/render.h"
#include "tests/image/pixels.h"

namespace pinfeed::image {
namespace {

struct Golden {
  std::string rule;  // the first word of a line: "pillow", "cv2", "windowed"...
  std::string kind;
  Size from;
  Size to;
  std::uint32_t crc = 0;
  std::string text;
};

std::vector<Golden> goldens(const std::string& rule) {
  std::vector<Golden> all;
  for (std::istringstream& line : golden_lines("image_filters.txt")) {
    Golden golden{.rule = {}, .kind = {}, .from = {}, .to = {}, .crc = 0, .text = line.str()};
    line >> golden.rule >> golden.kind >> golden.from.width >> golden.from.height >>
        golden.to.width >> golden.to.height >> std::hex >> golden.crc;
    if (golden.rule == rule) all.push_back(golden);
  }
  return all;
}

Image source(const Golden& golden) {
  const auto seed = static_cast<std::uint32_t>(golden.from.width * 1000 + golden.from.height);
  return noise(golden.from, 3, seed);
}

// Applies `step` to the source of each golden value and compares the result.
template <class MakeStep>
void expect_all(const std::string& rule, std::size_t at_least, MakeStep step) {
  const std::vector<Golden> all = goldens(rule);
  ASSERT_GE(all.size(), at_least);
  for (const Golden& golden : all) {
    const Image image = source(golden);
    Arena arena;
    const ImageExpr expr = step(plain(image.view(), arena), golden);
    EXPECT_EQ(crc32_of(render(expr)), golden.crc) << golden.text;
  }
}

TEST(Filters, EqualPillow) {
  const std::map<std::string, Interpolation> filters = {{"bilinear", Interpolation::bilinear},
                                                        {"bicubic", Interpolation::bicubic},
                                                        {"lanczos", Interpolation::lanczos},
                                                        {"box", Interpolation::box},
                                                        {"hamming", Interpolation::hamming}};
  expect_all("pillow", 40, [&](const ImageExpr& expr, const Golden& golden) {
    return resized(expr, golden.to, filters.at(golden.kind), Library::pillow);
  });
}

TEST(Filters, EqualOpenCVsArea) {
  expect_all("cv2", 10, [](const ImageExpr& expr, const Golden& golden) {
    return resized(expr, golden.to, Interpolation::area);
  });
}

Interpolation windowed(const Golden& golden) {
  return golden.kind == "bicubic" ? Interpolation::bicubic : Interpolation::lanczos;
}

TEST(Filters, EqualOpenCVsBicubicAndLanczos) {
  expect_all("windowed", 18, [](const ImageExpr& expr, const Golden& golden) {
    return resized(expr, golden.to, windowed(golden));
  });
}

// Pixels of 0, 32, 64 and 96, for which many sums are half way between two values.
TEST(Filters, RoundHalvesLikeOpenCVsVectorCode) {
  for (const Golden& golden : goldens("ties")) {
    Image image = source(golden);
    for (int y = 0; y < image.height(); ++y) {
      for (std::uint8_t* at = image.at(y, 0); at != image.at(y, 0) + 3 * image.width(); ++at) {
        *at = static_cast<std::uint8_t>(*at / 85 * 32);
      }
    }
    Arena arena;
    EXPECT_EQ(crc32_of(render(resized(plain(image.view(), arena), golden.to, windowed(golden)))),
              golden.crc)
        << golden.text;
  }
}

TEST(Filters, EqualOpenCVsForFloats) {
  const std::map<std::string, Interpolation> filters = {{"bicubic", Interpolation::bicubic},
                                                        {"lanczos", Interpolation::lanczos},
                                                        {"area", Interpolation::area}};
  const std::vector<Golden> all = goldens("floats");
  EXPECT_GE(all.size(), 27U);
  for (const Golden& golden : all) {
    const Image image = as_floats(source(golden), 1.37F);
    Arena arena;
    const ImageExpr expr = resized(plain(image.view(), arena), golden.to, filters.at(golden.kind));
    EXPECT_EQ(crc32_of(render(expr)), golden.crc) << golden.text;
  }
}

TEST(Extended, EqualsOpenCVsBorders) {
  const std::map<std::string, Border> borders = {
      {"edge", Border::edge}, {"reflect", Border::reflect}, {"symmetric", Border::symmetric}};
  expect_all("border", 12, [&](const ImageExpr& expr, const Golden& golden) {
    return extended(expr, golden.to, borders.at(golden.kind));
  });
}

// Steps are pairs of an index (brightness, contrast, saturation, hue) and an amount.
Jitter changes(const std::vector<std::pair<std::uint8_t, double>>& steps) {
  Jitter jitter;
  for (std::size_t i = 0; i < 4; ++i) {
    jitter.order[i] = i < steps.size() ? steps[i].first : std::uint8_t{4};
  }
  for (const auto& [which, amount] : steps) {
    if (which == 0) jitter.brightness = static_cast<float>(amount);
    if (which == 1) jitter.contrast = static_cast<float>(amount);
    if (which == 2) jitter.saturation = static_cast<float>(amount);
    if (which == 3) jitter.hue = static_cast<std::uint8_t>(static_cast<int>(amount * 255.0));
  }
  return jitter;
}

TEST(Jitter, EqualsMmcvWithPillow) {
  const std::vector<Jitter> all = {changes({{0, 0.4}}),
                                   changes({{0, 1.7}}),
                                   changes({{1, 0.3}}),
                                   changes({{1, 1.6}}),
                                   changes({{2, 0.2}}),
                                   changes({{2, 1.9}}),
                                   changes({{3, 0.1}}),
                                   changes({{3, 0.27}}),
                                   changes({{3, 0.5}}),
                                   changes({{3, 0.03}, {1, 1.2}, {0, 0.9}, {2, 1.4}}),
                                   changes({{2, 0.6}, {3, 0.44}, {0, 1.3}, {1, 0.7}})};
  expect_all("jitter", 22, [&](const ImageExpr& expr, const Golden& golden) {
    return jittered(expr, all[std::stoul(golden.kind)]);
  });
}

TEST(Filters, EqualOpenCVInDoubles) {
  expect_all("doubles", 4, [](const ImageExpr& expr, const Golden& golden) {
    return resized_in_doubles(expr, golden.to);
  });
}

// 1 - share is rounded to float32, so 114 may become 113.999... and be truncated to 113.
TEST(Filters, EqualOpenCVInDoublesForAFlatImage) {
  expect_all("flat", 4, [](const ImageExpr& expr, const Golden& golden) {
    return resized_in_doubles(
        erased(expr, {0, 0, golden.from.width, golden.from.height}, {114, 114, 114}), golden.to);
  });
}

TEST(Warp, EqualsOpenCV) {
  const std::vector<std::array<double, 9>> matrices = {
      {1, 0, 0, 0, 1, 0, 0, 0, 1},
      {0.9F, 0.2F, -7.5, -0.15F, 1.1F, 12.25, 0, 0, 1},
      {1.7F, -0.4F, 30, 0.3F, 0.6F, -11, 0, 0, 1},
      {0.4F, 0.05F, 3, -0.02F, 0.45F, 8, 0.0004F, -0.0003F, 1}};
  expect_all("warp", 12, [&](const ImageExpr& expr, const Golden& golden) {
    return warped(expr, matrices[std::stoul(golden.kind)], golden.to, {114, 7, 200});
  });
}

TEST(ImageExpr, IsTheSameInAnotherArena) {
  const Image image = noise({31, 17}, 3, 4);
  Arena arena;
  const ImageExpr part = cropped(plain(image.view(), arena), {1, 2, 9, 8});
  const std::array<Piece, 2> pieces = {{{plain(image.view(), arena), 0, 0}, {part, 20, 3}}};
  const ImageExpr expr = flipped(blended(composed({40, 20}, {9, 9, 9}, pieces),
                                         resized(part, {40, 20}, Interpolation::bilinear)),
                                 FlipDirection::horizontal);
  Arena other;
  EXPECT_EQ(crc32_of(render(copied(expr, other))), crc32_of(render(expr)));
}

}  // namespace
}  // namespace pinfeed::image

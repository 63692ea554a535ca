// SPDX-License-Identifier: Apache-2.0
// The functions of image_expr.h check their arguments in every build.
#include "pinfeed/image/expression/expr_checks.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "pinfeed/core/error.h"
#include "pinfeed/image/expression/render.h"

namespace pinfeed::image {
namespace {

constexpr int most = std::numeric_limits<int>::max();

class ExprChecks : public testing::Test {
 protected:
  ImageExpr image(Size size, DType dtype = DType::uint8) {
    pixels_.push_back(make_image(size, 3, dtype));
    std::fill_n(pixels_.back().pixels.data(), pixels_.back().pixels.bytes(), std::byte{7});
    return plain(pixels_.back().view(), arena_);
  }
  static std::string bug(const std::function<void()>& run) { return text(run, ErrorKind::bug); }
  static std::string text(const std::function<void()>& run, ErrorKind kind) {
    try {
      run();
    } catch (const Error& error) {
      return error.kind() == kind ? error.text() : "wrong kind: " + error.text();
    }
    return "no error";
  }

  Arena arena_;
  std::vector<Image> pixels_;
};

TEST_F(ExprChecks, ACropMustLieInsideTheImage) {
  const ImageExpr from = image({5, 4});
  const std::string rule =
      "image::cropped(): the window must lie inside the image and have a pixel";
  EXPECT_EQ(bug([&] { cropped(from, {1, 0, 5, 4}); }), rule + ", not 5x4 at (1, 0) in 5x4");
  EXPECT_EQ(bug([&] { cropped(from, {0, 0, -3, 4}); }), rule + ", not -3x4 at (0, 0) in 5x4");
  EXPECT_EQ(bug([&] { cropped(from, {0, 0, 2, 0}); }), rule + ", not 2x0 at (0, 0) in 5x4");
  EXPECT_EQ(bug([&] { cropped(from, {-1, 0, 2, 2}); }), rule + ", not 2x2 at (-1, 0) in 5x4");
  EXPECT_EQ(bug([&] {
              cropped(from, {3, 3, most, most});
            }),
            rule + ", not 2147483647x2147483647 at (3, 3) in 5x4");
}

TEST_F(ExprChecks, APlacedImageMustFitItsCanvas) {
  const ImageExpr from = image({5, 4});
  EXPECT_EQ(bug([&] {
              placed(from, {6, 6}, 2, 0, {});
            }),
            "image::placed(): the image must lie on the canvas, not 5x4 at (2, 0) in 6x6");
  EXPECT_EQ(bug([&] {
              placed(from, {5, 4}, 1, 0, {});
            }),
            "image::placed(): the image must lie on the canvas, not 5x4 at (1, 0) in 5x4");
  EXPECT_EQ(bug([&] {
              padded(from, {4, 9}, {});
            }),
            "image::placed(): the image must lie on the canvas, not 5x4 at (0, 0) in 4x9");
  EXPECT_EQ(bug([&] {
              extended(from, {4, 9}, Border::edge);
            }),
            "image::extended(): the result must not be smaller, not 5x4 at (0, 0) in 4x9");
  const Piece piece{from, 3, 3};
  EXPECT_EQ(bug([&] {
              composed({6, 7}, {}, {&piece, 1});
            }),
            "image::composed(): each image must lie on the canvas, not 5x4 at (3, 3) in 6x7");
  EXPECT_EQ(bug([] { composed({6, 7}, {}, {}); }), "image::composed(): there must be an image");
}

TEST_F(ExprChecks, KindsOfPixelsMustMatch) {
  const ImageExpr bytes = image({5, 4});
  const ImageExpr floats = image({5, 4}, DType::float32);
  const std::string uint8 = "the images must be uint8";
  EXPECT_EQ(bug([&] { blended(bytes, floats); }), "image::blended(): " + uint8);
  EXPECT_EQ(bug([&] {
              blended(bytes, image({4, 5}));
            }),
            "image::blended(): the images must have the same size and channels");
  EXPECT_EQ(bug([&] { jittered(floats, {}); }), "image::jittered(): the image must be uint8 BGR");
  EXPECT_EQ(bug([&] { with_hue_gains(floats, {}); }),
            "image::with_hue_gains(): the image must be uint8 BGR");
  EXPECT_EQ(bug([&] { distorted(bytes, {}); }),
            "image::distorted(): the image must be float32 BGR");
  EXPECT_EQ(bug([&] {
              resized_in_doubles(floats, {2, 2});
            }),
            "image::resized_in_doubles(): the image must be uint8");
  const std::array<Piece, 2> pieces = {Piece{bytes, 0, 0}, Piece{floats, 5, 0}};
  EXPECT_EQ(bug([&] {
              composed({10, 4}, {}, pieces);
            }),
            "image::composed(): the images must have the same channels and dtype");
  EXPECT_EQ(bug([] { (void)ImageExpr().size(); }), "image::ImageExpr(): there must be an image");
}

TEST_F(ExprChecks, NoStepMakesMorePixelsThanTheLimit) {
  const ImageExpr from = image({5, 4});
  const auto refused = [](const std::string& size) {
    return "an image of 5x4 would become " + size + "; it may have 268435456 pixels at most";
  };
  const auto error = [](const std::function<void()>& run) { return text(run, ErrorKind::data); };
  EXPECT_EQ(error([&] {
              resized(from, {most, most}, Interpolation::bilinear);
            }),
            refused("2147483647x2147483647"));
  EXPECT_EQ(error([&] { resized_in_doubles(from, {20000, 20000}); }), refused("20000x20000"));
  EXPECT_EQ(error([&] { placed(from, {most, 9}, 3, 3, {}); }), refused("2147483647x9"));
  EXPECT_EQ(error([&] { extended(from, {9, most}, Border::edge); }), refused("9x2147483647"));
  EXPECT_EQ(error([&] {
              warped(from, {1, 0, 0, 0, 1, 0, 0, 0, 1}, {20000, 20000}, {});
            }),
            refused("20000x20000"));
  EXPECT_EQ(error([&] {
              warped(from, {1, 0, 0, 0, 1, 0, 0, 0, 1}, {0, 3}, {});
            }),
            "an image of 5x4 would become 0x3: no pixel is left");
  const Piece piece{from, 0, 0};
  EXPECT_EQ(error([&] { composed({most, 9}, {}, {&piece, 1}); }), refused("2147483647x9"));
}

TEST_F(ExprChecks, AnErasedWindowMayHaveAnyNumbers) {
  const ImageExpr from = image({5, 4});
  for (const Rect window : {Rect{4, 3, most, most}, Rect{most, most, most, most},
                            Rect{-most, -most, most, most}, Rect{2, 2, -most, -7}}) {
    const Image erased_image = render(erased(from, window, {}));
    const int left = window == Rect{4, 3, most, most} ? 0 : 7;
    EXPECT_EQ(*erased_image.at(3, 4), left);
    EXPECT_EQ(*erased_image.at(0, 0), 7);
  }
}

// A step of the pipeline can add any number of nodes.
TEST_F(ExprChecks, AChainOfAnyLengthIsCopiedAndRendered) {
  const ImageExpr from = image({2, 2});
  const Piece piece{from, 0, 0};
  ImageExpr long_chain = composed({3, 3}, {}, {&piece, 1});
  for (int i = 0; i < 300000; ++i) long_chain = erased(long_chain, {i % 3, 0, 1, 1}, {1, 2, 3});
  Arena other;
  const Image rendered_image = render(copied(long_chain, other));
  EXPECT_EQ(*rendered_image.at(0, 0), 1);
  EXPECT_EQ(*rendered_image.at(1, 0), 7);
}

}  // namespace
}  // namespace pinfeed::image

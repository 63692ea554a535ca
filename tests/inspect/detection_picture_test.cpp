// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/inspect/detection_picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pinfeed/image/draw/draw.h"
#include "pinfeed/inspect/labelled_boxes.h"

namespace pinfeed {
namespace {

using testing::Ge;

constexpr image::Color grey = {90, 90, 90};
constexpr image::Color ink = {10, 200, 30};

image::Image plain_image(Size size) {
  image::Image image = image::make_image(size);
  image::fill_rect(image.view(), {0, 0, size.width, size.height}, grey);
  return image;
}

image::Color color_at(const image::Image& image, int x, int y) {
  const std::uint8_t* pixel = image.at(y, x);
  return {pixel[0], pixel[1], pixel[2]};
}

// The number of pixels of this colour inside a window.
int count_of(const image::Image& image, Rect window, image::Color color) {
  int count = 0;
  for (int y = window.y; y < window.y + window.height; ++y) {
    for (int x = window.x; x < window.x + window.width; ++x)
      count += color_at(image, x, y) == color ? 1 : 0;
  }
  return count;
}

PictureSide side_with(double x1, double y1, double x2, double y2) {
  return {"side", {{x1, y1, x2, y2, 0, false, "Platelets 0.98"}}};
}

TEST(DetectionPicture, EnlargesSmallImagesOnly) {
  for (const Size size : {Size{1, 1}, Size{64, 128}, Size{320, 240}, Size{500, 20}}) {
    const image::Image picture = detection_picture(plain_image(size), "a.jpg", {}, {});
    const int longest = std::max(picture.width() / 2, picture.height());
    EXPECT_THAT(longest, Ge(512)) << to_string(size);
  }
  const image::Image large = detection_picture(plain_image({600, 300}), "a.jpg", {}, {});
  EXPECT_EQ(count_of(large, {0, 0, large.width(), large.height()}, grey), 2 * 600 * 300);
}

TEST(DetectionPicture, DrawsTheSidesBesideEachOtherAtTheirPlaces) {
  const image::Color color = image::class_color(0);
  const image::Image picture =
      detection_picture(plain_image({128, 128}), "a.jpg", {}, side_with(32, 32, 64, 96));
  const int half = picture.width() / 2;
  EXPECT_EQ(count_of(picture, {0, 0, half, picture.height()}, color), 0);
  EXPECT_GT(count_of(picture, {half, 0, half, picture.height()}, color), 4 * (128 + 256));
}

// Labels of objects that touch the edges are outside of the image.
TEST(DetectionPicture, KeepsLabelsOffTheObjects) {
  for (const auto& side : {side_with(0, 0, 128, 128), side_with(0, 0, 20, 20),
                           side_with(100, 0, 128, 128), side_with(0, 60, 128, 128)}) {
    const image::Image picture = detection_picture(plain_image({128, 128}), "a.jpg", {}, side);
    const PictureObject& object = side.objects[0];
    const int half = picture.width() / 2;
    // The first grey pixel of the right side is the corner of the image.
    int left = half;
    int top = 0;
    const image::Image blank = detection_picture(plain_image({128, 128}), "a.jpg", {}, {});
    while (color_at(blank, left + 100, top) != grey) ++top;
    while (color_at(blank, left, top) != grey) ++left;
    const Rect inside =
        rect_between(4 * object.x1 + 4, 4 * object.y1 + 4, 4 * object.x2 - 4, 4 * object.y2 - 4);
    const Rect window = {inside.x + left, inside.y + top, inside.width, inside.height};
    EXPECT_EQ(count_of(picture, window, grey), window.width * window.height);
  }
}

TEST(LabelledBoxes, KeepsLabelsOffOtherBoxesAndLabels) {
  image::Image canvas = plain_image({300, 200});
  const std::vector<LabelledBox> boxes = {{{100, 60, 60, 40}, ink, "first"},
                                          {{90, 20, 80, 38}, {1, 2, 3}, ""}};
  draw_labelled_boxes(canvas.view(), boxes);
  EXPECT_EQ(count_of(canvas, {92, 22, 76, 34}, grey), 76 * 34);
  EXPECT_EQ(count_of(canvas, {102, 62, 56, 36}, grey), 56 * 36);
  EXPECT_GT(count_of(canvas, {100, 100, 60, label_height()}, ink), 100);  // below its box
}

TEST(LabelledBoxes, AcceptsAnyCoordinates) {
  image::Image canvas = plain_image({30, 20});
  const double far = 1e300;
  const double none = std::nan("");
  const std::vector<LabelledBox> boxes = {{rect_between(-far, -far, far, far), ink, "all"},
                                          {rect_between(none, 0, none, 5), ink, "none"},
                                          {rect_between(far, far, far, far), ink, "outside"},
                                          {rect_between(5, 5, 5, 5), ink, "empty"}};
  draw_labelled_boxes(canvas.view(), boxes, 3);
  EXPECT_GT(count_of(canvas, {0, 0, 30, 20}, ink), 0);
}

}  // namespace
}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/core/geometry.h"
#include "pinfeed/plot/plot.h"
#include "pinfeed/report/loader_use.h"

namespace pinfeed {

/// A named value; `note` says more about it in small text.
struct PageFact {
  std::string name = {};
  std::string value = {};
  std::string note = {};
};

/// A line chart. A point that is not finite is a gap.
struct PageChart {
  std::string title = {};
  std::string x_title = {};
  std::vector<Series> curves = {};
  bool fractions = false;  // both axes reach from 0 to 1
  /// Many curves: all have one colour, and the page highlights the one below the pointer.
  bool one_color = false;
};

/// How a box is drawn: an object in the colour of its class, or the result of a comparison.
enum class BoxKind { object, ignored, found, other_class, wrong };

/// A box with its label, in pixels of its picture.
struct PageBox {
  double x = 0.0;
  double y = 0.0;
  double width = 0.0;
  double height = 0.0;
  BoxKind kind = BoxKind::object;
  std::size_t number = 0;  // of the class
  std::string label = {};
};

/// An image with boxes. With `predicted` it is drawn twice, side by side.
struct PagePicture {
  std::string title = {};
  std::string note = {};
  Size size = {};         // in which the boxes are given, pixels
  std::string jpeg = {};  // the bytes of a JPEG file, which may be smaller
  std::vector<PageBox> boxes = {};
  std::optional<std::vector<PageBox>> predicted = {};
};

/// AP is that of COCO; NaN for a class without ground truth.
struct PageClass {
  std::string name = {};
  double ap = 0.0;
  double ap50 = 0.0;
  double ap75 = 0.0;
  std::int64_t objects = 0;     // in the ground truth
  std::int64_t detections = 0;  // of at least the score of the confusion matrix
};

/// A confusion matrix, or a part of it. The last row and column are the background.
struct PageConfusion {
  std::vector<std::string> names = {};    // of the classes, without the background
  std::vector<std::int64_t> counts = {};  // (n + 1) x (n + 1): ground truth x detection
  std::size_t classes = 0;                // of the whole matrix
  double iou = 0.5;
  double score = 0.3;
};

/// What an evaluation has measured.
struct PageEvaluation {
  std::vector<std::pair<std::string, double>> metrics = {};  // by their names in the log
  std::vector<PageChart> precision = {};                     // over recall
  std::vector<PageClass> classes = {};
  std::optional<PageConfusion> confusion = {};
  std::vector<PagePicture> pictures = {};  // sorted by errors, most first
  std::int64_t images = 0;                 // that were compared
  std::string note = {};                   // which rules hold
};

/// How the loader kept up with a training.
struct PageLoader {
  LoaderUse use = {};
  std::optional<double> images_per_second =
      {};  // of the training; empty before its first iteration
  std::vector<PageChart> times = {};
};

/// Everything that the page of a run shows. A section without data is left out.
struct ReportPage {
  std::string title = {};    // the name of the config
  std::string outcome = {};  // one sentence
  bool complete = true;      // false: the run ended by an error or a signal
  std::vector<PageFact> highlights = {};
  std::vector<PageChart> curves = {};
  std::optional<PageEvaluation> evaluation = {};
  std::vector<PagePicture> samples = {};
  std::vector<std::string> sample_classes = {};  // names by PageBox::number
  std::optional<PagePicture> reconstructions = {};
  std::optional<PageLoader> loader = {};
  std::string config = {};  // its text
  std::vector<PageFact> environment = {};
  std::vector<std::string> missing = {};  // what could not be drawn, and why
};

}  // namespace pinfeed

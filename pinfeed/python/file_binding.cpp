// SPDX-License-Identifier: Apache-2.0
// Functions that read files: weights, and COCO's annotations and results.
#include <nanobind/stl/string.h>

#include <string>

#include "pinfeed/annotations/coco_file.h"
#include "pinfeed/core/error.h"
#include "pinfeed/formats/weights/weights_file.h"
#include "pinfeed/formats/weights/weights_folder.h"
#include "pinfeed/metrics/coco_eval.h"
#include "pinfeed/metrics/detection_metric.h"
#include "pinfeed/python/bindings.h"
#include "pinfeed/python/python_tensor.h"
#include "pinfeed/python/python_text.h"

namespace pinfeed::python {
namespace {

WeightsFile read_weights(const std::string& path) {
  const nb::gil_scoped_release released;
  return read_weights_file(local_weights(path, weights_folder()));
}

// Tensors are views of the mapped file; the file is not changed by writing to them.
nb::dict weights_of(nb::handle path) {
  const WeightsFile file = read_weights(text_of(path));
  nb::dict weights;
  for (const auto& [name, tensor] : file.weights)
    weights[text_object(name)] = tensor_object(tensor, nullptr);
  return weights;
}

CocoEvaluation evaluate(const std::string& truth, const std::string& results, IouType type) {
  const nb::gil_scoped_release released;
  return evaluate_results(read_coco_truth(truth), read_coco_results(results), type);
}

nb::tuple coco_eval(nb::handle truth, nb::handle results, const std::string& iou_type) {
  if (iou_type != "bbox" && iou_type != "segm") {
    throw Error(ErrorKind::config, "iou_type is '" + iou_type + "'; it must be 'bbox' or 'segm'");
  }
  const IouType type = iou_type == "segm" ? IouType::segm : IouType::bbox;
  const CocoEvaluation evaluation = evaluate(text_of(truth), text_of(results), type);
  nb::list stats;
  for (const double value : evaluation.stats) stats.append(value);
  nb::dict classes;
  for (std::size_t i = 0; i < evaluation.categories.size(); ++i)
    classes[text_object(evaluation.categories[i].name)] = evaluation.category_ap[i];
  const std::int64_t others = evaluation.masks_of_other_size;
  return nb::make_tuple(stats, classes, others > 0 ? other_size_warning(others, "dt") : "");
}

}  // namespace

void bind_files(nb::module_& module) {
  module.def("load_weights", &weights_of, nb::arg("path"));
  module.def("coco_eval", &coco_eval, nb::arg("gt"), nb::arg("dt"), nb::arg("iou_type"));
}

}  // namespace pinfeed::python

// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.2, 6.6.
//
// Masks stay where they are, in their file or in compressed form, until their image and category
// are evaluated: decoded, those of a data set do not fit into memory.
#include "pinfeed/metrics/coco_masks.h"

#include <fmt/format.h>

#include <array>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "pinfeed/annotations/segmentation.h"
#include "pinfeed/core/arena.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/record_id.h"

namespace pinfeed {
namespace {

using Sizes = std::unordered_map<std::int64_t, Size>;  // by id of the image

std::shared_ptr<const Sizes> sizes_of(const CocoFile& truth) {
  const auto sizes = std::make_shared<Sizes>();
  for (const CocoImage& image : truth.images) (*sizes)[image.id] = {image.width, image.height};
  return sizes;
}

// Segmentations as masks. `truth` states the sizes of the images.
class EvaluatedMasks {
 public:
  explicit EvaluatedMasks(const CocoFile& truth) : sizes_(sizes_of(truth)), truth_(&truth) {}

  image::MaskSpans read(const SegmentationFile& file, const SegmentationSpan& span,
                        std::int64_t image_id) const {
    thread_local Arena arena;
    arena.reset();
    const std::string_view text = file.read(span, arena);
    const image::Outline outline = read_evaluated_segmentation(text, size(image_id), arena);
    if (!outline.polygons.empty()) require_size(image_id);
    return image::spans_of(outline);
  }
  image::MaskSpans of_box(const CocoDetection& one) const {
    require_size(one.image_id);
    const double right = one.x + one.width;
    const double bottom = one.y + one.height;
    const std::array<double, 8> corners = {one.x, one.y,  one.x, bottom,
                                           right, bottom, right, one.y};
    const std::array<std::span<const double>, 1> polygons = {corners};
    return image::spans_of(image::Outline{.size = size(one.image_id), .polygons = polygons});
  }

 private:
  Size size(std::int64_t image_id) const {
    const auto found = sizes_->find(image_id);
    return found == sizes_->end() ? Size{} : found->second;
  }
  void require_size(std::int64_t image_id) const {
    const Size known = size(image_id);
    if (known.width > 0 && known.height > 0) return;
    throw Error(ErrorKind::data, fmt::format("image {} of {} has no 'width' and 'height', which "
                                             "polygons need",
                                             id_text(image_id), truth_->path));
  }

  std::shared_ptr<const Sizes> sizes_;
  const CocoFile* truth_;
};

template <class Rows>
std::unordered_set<std::int64_t> ids_in(const Rows& rows) {
  std::unordered_set<std::int64_t> ids;
  for (const auto& row : rows) ids.insert(row.id);
  return ids;
}

void require_segmentations(const CocoFile& truth) {
  const auto images = ids_in(truth.images);
  const auto categories = ids_in(truth.categories);
  for (const CocoAnnotation& one : truth.annotations) {
    const bool used = images.contains(one.image_id) && categories.contains(one.category_id);
    if (!used || one.segmentation_bytes > 0) continue;
    throw Error(ErrorKind::data,
                fmt::format("{}: annotation {} has no 'segmentation', which the evaluation of "
                            "masks needs",
                            truth.path, id_text(one.id)));
  }
}

// `file` gives the file of an annotation.
template <class FileOf>
MaskReader masks_of_rows(const CocoFile& truth, FileOf file) {
  require_segmentations(truth);
  return [masks = EvaluatedMasks(truth), &truth, file = std::move(file)](std::size_t index) {
    const CocoAnnotation& one = truth.annotations[index];
    const SegmentationFile& segmentations = file(index);
    try {
      return masks.read(segmentations, one.segmentation(), one.image_id);
    } catch (Error& error) {
      throw error.with_context(AnnotationContext{one.id, segmentations.path()});
    }
  };
}

}  // namespace

MaskReader truth_masks(const CocoFile& truth) {
  return masks_of_rows(truth,
                       [file = std::make_shared<const SegmentationFile>(truth.path)](
                           std::size_t) -> const SegmentationFile& { return *file; });
}

MaskReader truth_masks(const CocoFile& truth, std::vector<const SegmentationFile*> files) {
  return masks_of_rows(truth,
                       [files = std::move(files)](std::size_t index) -> const SegmentationFile& {
                         return *files[index];
                       });
}

MaskReader result_masks(const CocoResults& results, const CocoFile& truth) {
  const auto file = std::make_shared<const SegmentationFile>(results.path);
  return [masks = EvaluatedMasks(truth), file, &results](std::size_t index) {
    const CocoDetection& one = results.detections[index];
    const SegmentationSpan span =
        results.segmentations.empty() ? SegmentationSpan{} : results.segmentations[index];
    try {
      return span.bytes > 0 ? masks.read(*file, span, one.image_id) : masks.of_box(one);
    } catch (Error& error) {
      throw error.with_context(ActionContext{fmt::format("reading {}[{}]", results.path, index)});
    }
  };
}

void MaskStore::add(const RunMask& mask) {
  const std::string text = image::runs_text(mask.runs);
  masks_.push_back({mask.size, texts_.size(), static_cast<std::uint32_t>(text.size())});
  texts_ += text;
}

void MaskStore::clear() {
  masks_.clear();
  texts_.clear();
}

std::string_view MaskStore::counts(std::size_t index) const {
  return std::string_view(texts_).substr(masks_[index].start, masks_[index].bytes);
}

image::MaskSpans MaskStore::at(std::size_t index) const {
  thread_local std::pmr::vector<std::uint32_t> runs;
  if (!image::read_runs(counts(index), runs))
    throw Error(ErrorKind::bug, "a stored mask cannot be read");
  return image::spans_of(runs, masks_[index].size);
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 2.3.
#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

#include "pinfeed/data/dataset.h"
#include "pinfeed/data/datasets/annotation_store.h"
#include "pinfeed/data/datasets/coco_findings.h"

namespace pinfeed {
namespace {

using Places = std::unordered_map<std::int64_t, std::size_t>;

bool touches_image(const CocoAnnotation& annotation, const CocoImage& image) {
  const double width =
      std::min(annotation.x + annotation.width, double(image.width)) - std::max(annotation.x, 0.0);
  const double height = std::min(annotation.y + annotation.height, double(image.height)) -
                        std::max(annotation.y, 0.0);
  return std::max(width, 0.0) * std::max(height, 0.0) != 0.0;
}

bool has_a_pixel(const CocoAnnotation& annotation) {
  return annotation.width >= 1.0 && annotation.height >= 1.0;
}

// Images in order of first appearance; of several with one id the last one counts.
std::vector<const CocoImage*> distinct_images(const CocoFile& file, Places& places,
                                              Finding& repeated) {
  std::vector<const CocoImage*> images;
  images.reserve(file.images.size());
  places.reserve(file.images.size());
  for (const CocoImage& image : file.images) {
    const auto [place, added] = places.emplace(image.id, images.size());
    if (added) images.push_back(&image);
    if (!added) repeated.add(image.id);
    images[place->second] = &image;
  }
  return images;
}

// The judgement of one file under one selection: first what is kept of each image, then the columns
// in one piece.
class Selector {
 public:
  Selector(const CocoFile& file, const CocoSelection& selection)
      : file_(&file),
        selection_(&selection),
        images_(distinct_images(file, places_, findings_.repeated_image)) {
    objects_.resize(images_.size());
    shown_.resize(images_.size());
    for (const CocoCategory& category : file.categories) {
      if (!known_.emplace(category.id, 0).second) findings_.repeated_category.add(category.id);
      if (!selection.wants(category.name)) continue;
      labels_[category.id] = records_.categories.size();  // the last place counts upstream
      records_.categories.push_back(category);
    }
  }

  CocoRecords run() {
    records_.store.segmentations = std::make_shared<const SegmentationFile>(file_->path);
    verdicts_.reserve(file_->annotations.size());
    for (const CocoAnnotation& annotation : file_->annotations) {
      verdicts_.push_back(verdict(annotation));
      if (verdicts_.back().kept()) ++objects_[verdicts_.back().image];
    }
    for (const BadCocoRecord& record : file_->bad) note(record);
    records_.store.images.reserve(images_.size());
    for (std::size_t i = 0; i < images_.size(); ++i) store(i);
    store_objects();
    findings_.report(file_->path, records_.warnings);
    return std::move(records_);
  }

 private:
  static constexpr std::uint32_t nowhere = std::numeric_limits<std::uint32_t>::max();

  // Where an annotation goes.
  struct Verdict {
    std::uint32_t image = nowhere;
    std::uint32_t label = 0;
    bool kept() const { return image != nowhere; }
  };

  // Annotations of one image often stand together.
  const std::size_t* place_of(std::int64_t image_id) {
    if (last_ == nullptr || last_->first != image_id) {
      const auto found = places_.find(image_id);
      if (found == places_.end()) return nullptr;
      last_ = &*found;
    }
    return &last_->second;
  }

  Verdict left_out(Finding& finding, const CocoAnnotation& annotation) {
    finding.add(annotation.id);
    return {};
  }

  // The image of a bad record is used by no filter: its sample says what is wrong.
  void note(const BadCocoRecord& record) {
    const std::size_t* place = record.image_id ? place_of(*record.image_id) : nullptr;
    if (place == nullptr) {
      records_.warnings.push_back(record.error.text() +
                                  "; it is left out, as no image that the file lists has it");
      return;
    }
    bad_.emplace(*place, &record);
  }

  Verdict verdict(const CocoAnnotation& annotation) {
    const std::size_t* place = place_of(annotation.image_id);
    if (place == nullptr) return left_out(findings_.unknown_image, annotation);
    const auto label = labels_.find(annotation.category_id);
    if (label == labels_.end()) {
      if (known_.contains(annotation.category_id)) return {};
      return left_out(findings_.unknown_category, annotation);
    }
    shown_[*place] = true;
    if (annotation.ignore) return {};
    if (annotation.width < 0.0 || annotation.height < 0.0) {
      return left_out(findings_.negative, annotation);
    }
    if (!touches_image(annotation, *images_[*place])) {
      return left_out(findings_.outside, annotation);
    }
    if (!has_a_pixel(annotation)) return left_out(findings_.small, annotation);
    if (annotation.area <= 0.0) return left_out(findings_.without_area, annotation);
    return {static_cast<std::uint32_t>(*place), static_cast<std::uint32_t>(label->second)};
  }

  // Upstream looks at the raw annotations: one that is left out above still counts here.
  bool keeps(std::size_t place) const {
    if (!selection_->filter || bad_.contains(place)) return true;
    const CocoImage& image = *images_[place];
    const bool large = std::min(image.width, image.height) >= selection_->min_size;
    return large && (!selection_->filter_empty_gt || shown_[place]);
  }

  // The image's row, and from here on in objects_ where its next object goes.
  void store(std::size_t place) {
    const std::uint32_t count = std::exchange(objects_[place], nowhere);
    if (!keeps(place)) return;
    const CocoImage& image = *images_[place];
    const std::string name(file_->name_of(image));
    records_.store.add({.path = join_path(selection_->image_prefix, name),
                        .name_size = name.size(),
                        .id = image.id,
                        .annotated = {image.width, image.height}});
    records_.store.images.back().first = total_;
    records_.store.images.back().count = count;
    if (const auto bad = bad_.find(place); bad != bad_.end()) {
      records_.store.mark_bad(records_.store.images.back(), error_of(*bad->second));
    }
    objects_[place] = total_;
    total_ += count;
  }

  Error error_of(const BadCocoRecord& record) const {
    Error error = record.error;
    if (!record.annotation) return error;
    return error.with_context(AnnotationContext{*record.annotation, file_->path});
  }

  void store_objects() {
    std::vector<StoredObject>& objects = records_.store.objects;
    objects.resize(total_);
    for (std::size_t i = 0; i < verdicts_.size(); ++i) {
      const Verdict& verdict = verdicts_[i];
      if (!verdict.kept() || objects_[verdict.image] == nowhere) continue;
      objects[objects_[verdict.image]++] = {static_cast<std::uint32_t>(i), verdict.label};
    }
    records_.store.rows = file_->annotations;
  }

  const CocoFile* file_;
  const CocoSelection* selection_;
  CocoFindings findings_ = {};
  Places places_ = {};
  const Places::value_type* last_ = nullptr;
  std::vector<const CocoImage*> images_;
  std::unordered_map<std::size_t, const BadCocoRecord*> bad_ = {};  // by the image's place
  Places known_ = {};
  Places labels_ = {};
  std::vector<Verdict> verdicts_ = {};
  std::vector<std::uint32_t> objects_ = {};
  std::uint32_t total_ = 0;
  std::vector<bool> shown_ = {};
  CocoRecords records_ = {};
};

}  // namespace

CocoRecords select_records(const CocoFile& file, const CocoSelection& selection) {
  CocoRecords records = Selector(file, selection).run();
  records.store.shrink_to_fit();
  return records;
}

}  // namespace pinfeed

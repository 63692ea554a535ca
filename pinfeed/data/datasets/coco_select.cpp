// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 2.3.
//
// Which images and objects of a COCO file a config uses, in two passes over the annotations.
//
// The first pass assigns each annotation to an image and a label, or leaves it out and counts why.
// It also notes which images have any annotation of a selected category, because upstream's
// filter_empty_gt looks at the raw annotations: an object that is left out here still keeps its
// image. Then the images are stored in order; with the number of objects of each image known, each
// image gets its range of the `objects` column. The second pass writes every object to the next
// free position of its image's range. Annotations of one image therefore become adjacent without
// sorting, keep the file's order, and need 8 bytes each: coordinates stay in the file's rows, which
// may be a memory-mapped index.
#include "pinfeed/data/datasets/coco_select.h"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

#include "pinfeed/core/record_id.h"
#include "pinfeed/data/dataset.h"
#include "pinfeed/data/datasets/coco_warnings.h"

namespace pinfeed {
namespace {

using IndexById = std::unordered_map<std::int64_t, std::size_t>;

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

// Images in order of first appearance. Of several with one id the last one is used.
std::vector<const CocoImage*> distinct_images(const CocoFile& file, IndexById& indices,
                                              DefectCount& repeated) {
  std::vector<const CocoImage*> images;
  images.reserve(file.images.size());
  indices.reserve(file.images.size());
  for (const CocoImage& image : file.images) {
    const auto [entry, added] = indices.emplace(image.id, images.size());
    if (added) images.push_back(&image);
    if (!added) repeated.add(image.id);
    images[entry->second] = &image;
  }
  return images;
}

class CocoSelector {
 public:
  CocoSelector(const CocoFile& file, const CocoSelection& selection)
      : file_(&file),
        selection_(&selection),
        images_(distinct_images(file, image_indices_, warnings_.repeated_image)) {
    counts_or_next_.resize(images_.size());
    has_selected_category_.resize(images_.size());
    for (const CocoCategory& category : file.categories) {
      if (!known_.emplace(category.id, 0).second) warnings_.repeated_category.add(category.id);
      if (!selection.wants(category.name)) continue;
      labels_[category.id] = records_.categories.size();  // of a repeated id the last one, upstream
      records_.categories.push_back(category);
    }
  }

  CocoRecords run() {
    records_.store.segmentations = std::make_shared<const SegmentationFile>(file_->path);
    assignments_.reserve(file_->annotations.size());
    for (const CocoAnnotation& annotation : file_->annotations) {
      assignments_.push_back(assign(annotation));
      if (assignments_.back().used()) ++counts_or_next_[assignments_.back().image];
    }
    for (const BadCocoRecord& record : file_->bad) add_bad_record(record);
    lost_.report(records_.warnings);
    records_.store.images.reserve(images_.size());
    for (std::size_t i = 0; i < images_.size(); ++i) store_image(i);
    store_objects();
    warnings_.report(file_->path, records_.warnings);
    return std::move(records_);
  }

 private:
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  // The image and the label of an annotation that is used.
  struct Assignment {
    std::uint32_t image = none;
    std::uint32_t label = 0;
    bool used() const { return image != none; }
  };

  // The index of an image, or null. The last result is cached: annotations of one image are often
  // adjacent.
  const std::size_t* index_of(std::int64_t image_id) {
    if (last_ == nullptr || last_->first != image_id) {
      const auto found = image_indices_.find(image_id);
      if (found == image_indices_.end()) return nullptr;
      last_ = &*found;
    }
    return &last_->second;
  }

  Assignment left_out(DefectCount& defect, const CocoAnnotation& annotation) {
    defect.add(annotation.id);
    return {};
  }

  // The image of a bad record passes every filter, so that its sample reports the error.
  void add_bad_record(const BadCocoRecord& record) {
    const std::size_t* index = record.image_id ? index_of(*record.image_id) : nullptr;
    if (index == nullptr) {
      if (lost_.count++ == 0) lost_.first = record.error.text();
      return;
    }
    bad_.emplace(*index, &record);
  }

  Assignment assign(const CocoAnnotation& annotation) {
    const std::size_t* index = index_of(annotation.image_id);
    if (index == nullptr) return left_out(warnings_.unknown_image, annotation);
    const auto label = labels_.find(annotation.category_id);
    if (label == labels_.end()) {
      if (known_.contains(annotation.category_id)) return {};
      return left_out(warnings_.unknown_category, annotation);
    }
    has_selected_category_[*index] = true;
    if (annotation.ignore) return {};
    if (annotation.width < 0.0 || annotation.height < 0.0) {
      return left_out(warnings_.negative, annotation);
    }
    if (!touches_image(annotation, *images_[*index])) {
      return left_out(warnings_.outside, annotation);
    }
    if (!has_a_pixel(annotation)) return left_out(warnings_.small, annotation);
    if (annotation.area <= 0.0) return left_out(warnings_.without_area, annotation);
    return {static_cast<std::uint32_t>(*index), static_cast<std::uint32_t>(label->second)};
  }

  bool passes_filter(std::size_t index) const {
    if (!selection_->filter || bad_.contains(index)) return true;
    const CocoImage& image = *images_[index];
    const bool large = std::min(image.width, image.height) >= selection_->min_size;
    return large && (!selection_->filter_empty_gt || has_selected_category_[index]);
  }

  // Adds the image. Its entry of counts_or_next_ changes from the number of its objects to the
  // position of its first one, or to `none` when the image is filtered out.
  void store_image(std::size_t index) {
    const std::uint32_t count = std::exchange(counts_or_next_[index], none);
    if (!passes_filter(index)) return;
    const CocoImage& image = *images_[index];
    const std::string name(file_->name_of(image));
    records_.store.add({.path = join_path(selection_->image_prefix, name),
                        .name_size = name.size(),
                        .id = image.id,
                        .id_text = is_reserved_id(image.id) ? id_text(image.id) : "",
                        .annotated = {image.width, image.height}});
    records_.store.images.back().first = total_;
    records_.store.images.back().count = count;
    if (const auto bad = bad_.find(index); bad != bad_.end()) {
      records_.store.mark_bad(records_.store.images.back(), error_of(*bad->second));
    }
    counts_or_next_[index] = total_;
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
    for (std::size_t i = 0; i < assignments_.size(); ++i) {
      const Assignment& assignment = assignments_[i];
      if (!assignment.used() || counts_or_next_[assignment.image] == none) continue;
      objects[counts_or_next_[assignment.image]++] = {static_cast<std::uint32_t>(i),
                                                      assignment.label};
    }
    records_.store.rows = file_->annotations;
  }

  const CocoFile* file_;
  const CocoSelection* selection_;
  CocoWarnings warnings_ = {};
  LostRecords lost_ = {};
  IndexById image_indices_ = {};
  const IndexById::value_type* last_ = nullptr;
  std::vector<const CocoImage*> images_;
  std::unordered_map<std::size_t, const BadCocoRecord*> bad_ = {};  // by index of the image
  IndexById known_ = {};
  IndexById labels_ = {};
  std::vector<Assignment> assignments_ = {};
  std::vector<std::uint32_t> counts_or_next_ = {};  // of each image, see store_image()
  std::uint32_t total_ = 0;
  std::vector<bool> has_selected_category_ = {};
  CocoRecords records_ = {};
};

}  // namespace

CocoRecords select_records(const CocoFile& file, const CocoSelection& selection) {
  CocoRecords records = CocoSelector(file, selection).run();
  records.store.shrink_to_fit();
  return records;
}

}  // namespace pinfeed

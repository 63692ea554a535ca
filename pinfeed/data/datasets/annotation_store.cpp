// SPDX-License-Identifier: Apache-2.0
// Source of the rules: specs data 2.3.
#include "pinfeed/data/datasets/annotation_store.h"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

#include "pinfeed/data/dataset.h"

namespace pinfeed {
namespace {

using Places = std::unordered_map<std::int64_t, std::size_t>;

// How often something odd was found, and the first annotation it was found at.
struct Finding {
  std::int64_t count = 0;
  std::int64_t first = 0;

  void add(const CocoAnnotation& annotation) {
    if (count++ == 0) first = annotation.id;
  }
  void report(const std::string& file, const std::string& what,
              std::vector<std::string>& to) const {
    if (count == 0) return;
    const std::string many = count == 1 ? " annotation" : " annotations";
    to.push_back(file + ": " + std::to_string(count) + many + " " + what + ", the first is " +
                 std::to_string(first));
  }
};

struct Findings {
  Finding negative = {};
  Finding outside = {};
  Finding small = {};
  Finding unknown_category = {};
  Finding unknown_image = {};

  void report(const std::string& file, std::vector<std::string>& to) const {
    negative.report(file, "left out, with boxes of negative width or height", to);
    outside.report(file, "left out, with boxes outside the picture", to);
    small.report(file, "left out, with boxes of less than a pixel", to);
    unknown_category.report(file, "left out, of categories that the file does not list", to);
    unknown_image.report(file, "left out, of images that the file does not list", to);
  }
};

bool touches_picture(const CocoAnnotation& annotation, const CocoImage& image) {
  const double width =
      std::min(annotation.x + annotation.width, double(image.width)) - std::max(annotation.x, 0.0);
  const double height = std::min(annotation.y + annotation.height, double(image.height)) -
                        std::max(annotation.y, 0.0);
  return std::max(width, 0.0) * std::max(height, 0.0) != 0.0;
}

bool has_a_pixel(const CocoAnnotation& annotation) {
  return annotation.area > 0.0 && annotation.width >= 1.0 && annotation.height >= 1.0;
}

Instance instance_of(const CocoAnnotation& annotation, std::size_t label) {
  return {.x1 = annotation.x,
          .y1 = annotation.y,
          .x2 = annotation.x + annotation.width,
          .y2 = annotation.y + annotation.height,
          .label = static_cast<std::int64_t>(label),
          .annotation = annotation.id,
          .segmentation = annotation.segmentation(),
          .ignore = annotation.crowd};
}

// Images in order of first appearance; of several with one id the last one counts.
std::vector<const CocoImage*> distinct_images(const CocoFile& file, Places& places) {
  std::vector<const CocoImage*> images;
  images.reserve(file.images.size());
  places.reserve(file.images.size());
  for (const CocoImage& image : file.images) {
    const auto [place, added] = places.emplace(image.id, images.size());
    if (added) images.push_back(&image);
    images[place->second] = &image;
  }
  return images;
}

// The judgement of one file under one selection: first what is kept of each image, then the columns
// in one piece.
class Selector {
 public:
  Selector(const CocoFile& file, const CocoSelection& selection)
      : file_(&file), selection_(&selection), images_(distinct_images(file, places_)) {
    objects_.resize(images_.size());
    shown_.resize(images_.size());
    for (const CocoCategory& category : file.categories) {
      known_.emplace(category.id, 0);
      if (!selection.wants(category.name)) continue;
      labels_.emplace(category.id, records_.categories.size());
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
    finding.add(annotation);
    return {};
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
    if (!touches_picture(annotation, *images_[*place])) {
      return left_out(findings_.outside, annotation);
    }
    if (!has_a_pixel(annotation)) return left_out(findings_.small, annotation);
    return {static_cast<std::uint32_t>(*place), static_cast<std::uint32_t>(label->second)};
  }

  // Upstream looks at the raw annotations: one that is left out above still counts here.
  bool keeps(std::size_t place) const {
    if (!selection_->filter) return true;
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
    objects_[place] = total_;
    total_ += count;
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
  Places places_ = {};
  const Places::value_type* last_ = nullptr;
  std::vector<const CocoImage*> images_;
  Places known_ = {};
  Places labels_ = {};
  std::vector<Verdict> verdicts_ = {};
  std::vector<std::uint32_t> objects_ = {};
  std::uint32_t total_ = 0;
  std::vector<bool> shown_ = {};
  Findings findings_ = {};
  CocoRecords records_ = {};
};

}  // namespace

void AnnotationStore::add(const NewImage& image) {
  images.push_back({.id = image.id.value_or(0),
                    .annotated = image.annotated,
                    .path_start = paths.size(),
                    .path_size = static_cast<std::uint32_t>(image.path.size()),
                    .name_size = static_cast<std::uint32_t>(image.name_size),
                    .id_size = static_cast<std::uint32_t>(image.id_text.size()),
                    .count = static_cast<std::uint32_t>(image.instances.size()),
                    .first = instances.size(),
                    .gt_label = image.gt_label,
                    .has_id = image.id || !image.id_text.empty()});
  paths += image.path;
  paths += image.id_text;
  instances.insert(instances.end(), image.instances.begin(), image.instances.end());
}

void AnnotationStore::shrink_to_fit() {
  images.shrink_to_fit();
  instances.shrink_to_fit();
  paths.shrink_to_fit();
}

std::string_view AnnotationStore::path_of(const StoredImage& image) const {
  return std::string_view(paths).substr(image.path_start, image.path_size);
}

std::span<const Instance> AnnotationStore::instances_of(const StoredImage& image,
                                                        Arena& arena) const {
  if (objects.empty()) return std::span(instances).subspan(image.first, image.count);
  auto* made =
      static_cast<Instance*>(arena.allocate(image.count * sizeof(Instance), alignof(Instance)));
  for (std::size_t i = 0; i < image.count; ++i) {
    const StoredObject& object = objects[image.first + i];
    new (made + i) Instance(instance_of(rows[object.row], object.label));
  }
  return {made, image.count};
}

CocoRecords select_records(const CocoFile& file, const CocoSelection& selection) {
  CocoRecords records = Selector(file, selection).run();
  records.store.shrink_to_fit();
  return records;
}

Sample sample_of(const AnnotationStore& store, std::int64_t index, Arena& arena) {
  const StoredImage& image = store.images.at(static_cast<std::size_t>(index));
  Sample sample(arena);
  sample.fields = Field::path | Field::instances;
  sample.index = index;
  sample.img_id = image.id;
  sample.has_img_id = image.has_id;
  sample.img_id_text =
      std::string_view(store.paths).substr(image.path_start + image.path_size, image.id_size);
  sample.img_path = store.path_of(image);
  sample.file_name = sample.img_path.substr(image.path_size - image.name_size);
  sample.annotated = image.annotated;
  sample.instances = store.instances_of(image, arena);
  sample.segmentations = store.segmentations.get();
  if (store.has_gt_labels) sample.fields |= Field::gt_label;
  sample.gt_label = image.gt_label;
  return sample;
}

}  // namespace pinfeed

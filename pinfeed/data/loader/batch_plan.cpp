// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/loader/batch_plan.h"

#include <algorithm>
#include <string>
#include <utility>

#include "pinfeed/core/error.h"

namespace pinfeed {

void BatchPlan::clear() {
  end_of_epoch = false;
  error = nullptr;
  layout.reset();
  samples.reset();
  encoded.clear();
  bad.found.clear();
  bad.odd_masks.clear();
  bad.gave_up = false;
  bad.broken_files.clear();
  replacements.clear();
  known_broken.clear();
  steps.clear();
  arena.reset();
}

// A file may be used by several images of a batch.
void BatchPlan::collect_encoded() {
  encoded.clear();
  for (const ImageSlot& image_slot : layout->images()) {
    image::for_each_encoded(image_slot.image,
                            [this](image::Encoded* file) { encoded.push_back(file); });
  }
  std::sort(encoded.begin(), encoded.end());
  encoded.erase(std::unique(encoded.begin(), encoded.end()), encoded.end());
}

std::size_t BatchPlan::first_image_of(const image::Encoded* file) const {
  const auto& images = layout->images();
  for (std::size_t i = 0; i < images.size(); ++i) {
    bool found = false;
    image::for_each_encoded(images[i].image,
                            [&](const image::Encoded* used) { found = found || used == file; });
    if (found) return i;
  }
  return 0;
}

void BatchPlan::keep_error(const std::string& where) {
  Error known = current_error(where);
  known.with_context(BatchContext{position.batch, position.epoch});
  error = std::make_exception_ptr(std::move(known));
}

bool BatchPlan::add_broken_file(const Error& failure, std::size_t sample) {
  const auto* read = failure.find_context<FileContext>();
  const std::string path = read != nullptr ? read->file : std::string((*samples)[sample].img_path);
  if (path.empty()) return false;
  Error of_file(failure.kind(), failure.text());
  of_file.with_context(FileContext{path}).with_context(StepContext{"LoadImageFromFile", path});
  if (failure.end()) of_file.ends_at(*failure.end());
  bad.broken_files.emplace(path, std::move(of_file));
  known_broken.resize(samples->size());
  const std::size_t before = std::exchange(known_broken[sample], bad.broken_files.size());
  return before < bad.broken_files.size();
}

std::vector<std::string> BatchPlan::record_names() const {
  std::vector<std::string> names;
  if (!samples || bad.rule == OnBadSample::raise) return names;
  for (const Sample& sample : *samples) {
    names.push_back(sample.img_path.empty() ? std::to_string(sample.index)
                                            : std::string(sample.img_path));
  }
  return names;
}

std::exception_ptr BatchPlan::with_context(std::exception_ptr of_image, std::size_t image) const {
  const Sample& sample = (*samples)[layout->images()[image].sample];
  const auto with_names = [&](Error known) {
    known.with_context(StepContext{"LoadImageFromFile", std::string(sample.img_path)});
    known.with_context(SampleContext{sample.index});
    known.with_context(BatchContext{position.batch, position.epoch});
    const bool replaceable = known.kind() == ErrorKind::data && bad.rule == OnBadSample::raise;
    if (replaceable) known.help(bad_sample_advice);
    return std::make_exception_ptr(known);
  };
  try {
    std::rethrow_exception(std::move(of_image));
  } catch (...) {
    return with_names(current_error("rendering"));
  }
}

}  // namespace pinfeed

// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmpretrain/datasets/custom.py, CustomDataset; imagenet.py, ImageNet.
#include "pinfeed/data/datasets/image_folder.h"

#include <charconv>
#include <system_error>

#include "pinfeed/core/text.h"
#include "pinfeed/data/datasets/annotation_store.h"
#include "pinfeed/data/datasets/folder_search.h"

namespace pinfeed {
namespace {

struct ListedImage {
  std::string name = {};  // path below the folder
  std::int32_t label = 0;
};

struct Listing {
  std::vector<ListedImage> images = {};
  std::vector<std::string> classes = {};  // by sub-folder, where labels are read
  std::vector<std::string> empty = {};    // sub-folders without images
  std::vector<std::string> cycles = {};   // links to a folder that contains them
  std::int64_t outside = 0;               // images in no sub-folder, where labels are read
};

Listing listed_below(const std::string& folder, const ImageFolderKeys& params) {
  Listing listing;
  FolderSearch search(folder);
  if (!params.with_label) {
    for (std::string& name : search.files_below("", params.extensions)) {
      listing.images.push_back({.name = std::move(name)});
    }
    listing.cycles = search.cycles();
    return listing;
  }
  listing.classes = search.folders();
  listing.outside = search.count_files(params.extensions);
  for (std::size_t i = 0; i < listing.classes.size(); ++i) {
    const std::string& sub_folder = listing.classes[i];
    const std::vector<std::string> names = search.files_below(sub_folder, params.extensions);
    if (names.empty()) listing.empty.push_back(sub_folder);
    for (const std::string& name : names) {
      listing.images.push_back({sub_folder + "/" + name, static_cast<std::int32_t>(i)});
    }
  }
  listing.cycles = search.cycles();
  return listing;
}

// "folder/a.png 3": the label is the last word.
ListedImage labelled(const std::string& line, const std::string& position) {
  const std::string text(trimmed(line));
  const std::size_t blank = text.rfind(' ');
  ListedImage image{.name = text.substr(0, blank)};
  const std::string word = blank == std::string::npos ? "" : text.substr(blank + 1);
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), image.label);
  if (failed == std::errc() && end == word.data() + word.size()) return image;
  throw Error(ErrorKind::data, position + ": '" + text + "' does not end in a label")
      .help("a line is 'folder/image.jpg 3'; with_label=False reads lines without labels");
}

Listing listed_in(const std::string& path, const ImageFolderKeys& params) {
  Listing listing;
  for (const std::string& line : lines_of_file(path)) {
    const std::string position = path + ":" + std::to_string(listing.images.size() + 1);
    listing.images.push_back(params.with_label ? labelled(line, position)
                                               : ListedImage{.name = line});
    require_file_name(listing.images.back().name, position);
  }
  return listing;
}

std::vector<std::string> folder_classes(const ImageFolderKeys& params, const Listing& listing,
                                        const std::string& folder) {
  std::optional<std::vector<std::string>> written = written_classes(params);
  if (!written && params.classes) {
    const auto* file = std::get_if<std::string>(&*params.classes);
    written = file != nullptr ? lines_of_file(*file)
                              : std::get<std::vector<std::string>>(*params.classes);
  }
  if (!written) return listing.classes;
  const bool agree = listing.classes.empty() || written->size() == listing.classes.size();
  if (agree) return std::move(*written);
  throw Error(ErrorKind::data, folder + " has " + std::to_string(listing.classes.size()) +
                                   " sub-folders; the config names " +
                                   std::to_string(written->size()) + " classes");
}

[[noreturn]] void throw_no_images(const Listing& listing, const std::string& folder,
                                  const ImageFolderKeys& params) {
  if (listing.outside > 0) {
    const std::string count = std::to_string(listing.outside);
    throw Error(ErrorKind::data, "no sub-folder of " + folder + " contains images")
        .help("with_label=True takes the sub-folders as classes; with_label=False reads the " +
              count + " that lie in the folder directly");
  }
  throw Error(ErrorKind::data, "no images below " + folder)
      .help("the extensions are " + joined(params.extensions));
}

}  // namespace

void describe(Schema<ImageFolderKeys>& schema) {
  schema.include<PathRecordKeys>()
      .meaning("ann_file",
               "a text file with an image on each line, and its label; default: all files")
      .meaning("metainfo", "dict(classes=('name', ...)); default: the sub-folders")
      .optional("with_label", &ImageFolderKeys::with_label,
                "labels by sub-folder, or the last word of each line of ann_file")
      .optional("extensions", &ImageFolderKeys::extensions, "which files are images")
      .optional("classes", &ImageFolderKeys::classes,
                "the names, or a file with one on each line; metainfo has precedence")
      .accepted("filter_cfg", "upstream's class filters no images");
}

Dataset make_image_folder(const ImageFolderKeys& params, const std::string& name,
                          const BuildContext& context) {
  const std::string folder = prefix_of(params);
  const Listing listing = params.ann_file.empty()
                              ? listed_below(folder, params)
                              : listed_in(join_path(params.data_root, params.ann_file), params);
  if (listing.images.empty() && params.ann_file.empty()) throw_no_images(listing, folder, params);
  AnnotationStore store;
  store.has_gt_labels = params.with_label;
  for (const ListedImage& image : listing.images) {
    store.add({.path = join_path(folder, image.name),
               .name_size = image.name.size(),
               .gt_label = image.label});
  }
  store.shrink_to_fit();
  Dataset dataset = dataset_of(params, name, std::move(store));
  if (params.ann_file.empty()) dataset.ann_file.clear();
  if (listing.images.empty()) dataset.warnings.push_back(dataset.ann_file + " lists no images");
  if (!listing.empty.empty()) {
    dataset.warnings.push_back(folder + ": no images in " + joined(listing.empty));
  }
  if (listing.outside > 0) {
    dataset.warnings.push_back(
        folder + ": images that lie in no sub-folder have no label and are left out: " +
        std::to_string(listing.outside));
  }
  if (!listing.cycles.empty()) {
    dataset.warnings.push_back("links to a folder that contains them are not followed: " +
                               joined(listing.cycles));
  }
  dataset.metainfo.classes = folder_classes(params, listing, folder);
  dataset.metainfo.others = other_metainfo(params);
  const Fields label = params.with_label ? Fields(Field::gt_label) : Fields();
  return with_pipeline(std::move(dataset), params, Fields(Field::path) | label, context);
}

}  // namespace pinfeed

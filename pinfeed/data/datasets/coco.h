// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/datasets.h"

namespace pinfeed {

/// A member of CocoDataset as a member of a struct that has them all.
template <class T, class M>
constexpr M T::*own(M CocoDataset::*member) {
  return member;
}

/// The keys of CocoDataset, for a data set that has them among its own.
template <class T>
void describe_coco(Schema<T>& schema) {
  schema.optional("ann_file", own<T>(&CocoDataset::ann_file), "COCO annotations, below data_root")
      .optional("data_root", own<T>(&CocoDataset::data_root),
                "folder that relative paths start from")
      .required("data_prefix", own<T>(&CocoDataset::data_prefix),
                "dict(img='folder of the images')")
      .optional("metainfo", own<T>(&CocoDataset::metainfo),
                "dict(classes=('name', ...)): the categories to use; COCO's 80 when absent")
      .optional("filter_cfg", own<T>(&CocoDataset::filter_cfg), "which images training leaves out")
      .optional("indices", own<T>(&CocoDataset::indices),
                "the first n images, the last n (negative), or exactly those of a list")
      .optional("pipeline", own<T>(&CocoDataset::pipeline), "the steps that plan a sample")
      .optional("test_mode", own<T>(&CocoDataset::test_mode),
                "filter nothing, and never replace a sample")
      .optional("max_refetch", own<T>(&CocoDataset::max_refetch),
                "replacements tried for a dropped sample", at_least(0))
      .optional("backend_args", own<T>(&CocoDataset::backend_args), "where files are stored")
      .accepted("serialize_data", "records are always kept in shared constant columns")
      .accepted("lazy_init", "the file is read when the data set is made")
      .accepted("seg_map_suffix", "semantic maps are not read")
      .refused("proposal_file", "proposals are not read")
      .refused("return_classes", "texts of classes are not given to models")
      .refused("caption_prompt", "texts of classes are not given to models")
      .refused("file_client_args", "files are read from the local file system only");
}

/// Everything of the data set but its pipeline.
Dataset make_coco(const CocoDataset& params, const std::string& name);

}  // namespace pinfeed

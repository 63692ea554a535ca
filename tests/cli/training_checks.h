// SPDX-License-Identifier: Apache-2.0
// Trainings that may be refused.
#pragma once

#include "tests/cli/train_fixture.h"

namespace pinfeed::test {

class TrainingChecks : public Train {
 protected:
  // Trains a config that has these lines behind those of tiny.py.
  Outcome train_with(const std::string& lines) {
    folder_.write("more.py", "_base_ = 'tiny.py'\n" + lines + "\n");
    return run({"train", "more.py", "--work-dir", "out"});
  }
  // Writes annotations of two images in VOC's format. Returns the lines of a config that evaluates
  // them.
  std::string voc_validation(const std::string& metainfo) const {
    folder_.write("list.txt", "000000\n000001\n");
    std::filesystem::create_directory(folder_.path() / "xml");
    for (const std::string name : {"000000", "000001"}) {
      folder_.write("xml/" + name + ".xml",
                    "<annotation><size><width>64</width><height>64</height></size><object>"
                    "<name>star</name><difficult>0</difficult><bndbox><xmin>5</xmin><ymin>6</ymin>"
                    "<xmax>40</xmax><ymax>42</ymax></bndbox></object></annotation>");
    }
    return "val_dataloader = dict(dataset=dict(_delete_=True, type='XMLDataset',\n"
           "    ann_file='list.txt', data_prefix=dict(sub_data_root=''), img_subdir='shapes/val',\n"
           "    ann_subdir='xml', metainfo=" +
           metainfo +
           ", test_mode=True,\n    pipeline=[{{_base_.load}}, {{_base_.resize}}, "
           "{{_base_.boxes}}, dict(type='PackDetInputs')]))\n"
           "val_evaluator = dict(ann_file=None)";
  }
  void expect_refused(const std::string& lines, const std::string& message, int code = 2) {
    const Outcome outcome = train_with(lines);
    EXPECT_EQ(outcome.code, code) << outcome.err;
    EXPECT_NE(outcome.err.find(message), std::string::npos) << lines << "\n" << outcome.err;
    EXPECT_EQ(outcome.err.find("(train)"), std::string::npos) << outcome.err;
  }
};

}  // namespace pinfeed::test

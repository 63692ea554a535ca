// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <utility>

#include "pinfeed/data/loader/loader.h"
#include "pinfeed/python/forked.h"

namespace pinfeed::python {

/// The number of batches that Python keeps in the slots of a loader.
using KeptBatches = std::atomic<int>;

/// A batch that everything which Python keeps of it shares. The last owner gives the slot back,
/// in whichever thread; no Python object belongs to it, so that this needs no GIL.
class BatchOwner {
 public:
  BatchOwner(Batch batch, std::shared_ptr<KeptBatches> kept)
      : batch_(std::move(batch)), kept_(std::move(kept)) {
    kept_->fetch_add(1);
  }
  BatchOwner(const BatchOwner&) = delete;
  BatchOwner& operator=(const BatchOwner&) = delete;
  ~BatchOwner() {
    if (process_ != process_number()) {
      new std::optional<Batch>(std::move(batch_));  // NOLINT: never destroyed, see process_number()
      return;
    }
    batch_.reset();
    kept_->fetch_sub(1);
  }

  const Batch& batch() const { return *batch_; }

 private:
  std::optional<Batch> batch_;
  std::shared_ptr<KeptBatches> kept_;
  unsigned process_ = process_number();
};

}  // namespace pinfeed::python

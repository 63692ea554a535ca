// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/python/held_object.h"

#include <mutex>
#include <utility>
#include <vector>

#include "pinfeed/python/forked.h"

namespace pinfeed::python {
namespace {

// Never destroyed: threads may use them until the process ends.
struct PutAside {
  std::mutex mutex;
  std::vector<PyObject*> objects;
};
PutAside& put_aside() {
  static auto* all = new PutAside;  // NOLINT
  return *all;
}

}  // namespace

std::shared_ptr<void> held(nanobind::handle object) {
  const unsigned process = process_number();
  return {object.inc_ref().ptr(), [process](void* pointer) {
            if (process != process_number()) return;  // the lock may be a thread's that is no more
            const std::lock_guard lock(put_aside().mutex);
            put_aside().objects.push_back(static_cast<PyObject*>(pointer));
          }};
}

void release_held() {
  std::vector<PyObject*> objects;
  {
    const std::lock_guard lock(put_aside().mutex);
    objects.swap(put_aside().objects);
  }
  for (PyObject* object : objects) Py_DecRef(object);
}

}  // namespace pinfeed::python

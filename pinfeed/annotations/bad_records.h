// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pinfeed {

/// What a reader of annotations does with a record that cannot be used: it ends the reading, or it
/// is kept with its error, which is thrown when the record's sample is planned.
enum class BadRecords { raise, keep };

}  // namespace pinfeed

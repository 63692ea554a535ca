// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pinfeed {

/// What a reader of annotations does with a record that cannot be used: `raise` throws its error,
/// `keep` stores the error with the record, to be thrown when the sample of the record is planned.
enum class BadRecords { raise, keep };

}  // namespace pinfeed

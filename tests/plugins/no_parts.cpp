// SPDX-License-Identifier: Apache-2.0
// A plugin that forgot to add its parts.
#include "pinfeed/plugin.h"

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace pinfeed {

/// What other processes need to find out whether this one still runs: the host with its namespace
/// of processes, the number of the process, and the time of its start. One line of text.
std::string own_identity();

/// Whether the process of this identity has ended. False for one of another host or another
/// namespace, about which nothing is known.
bool has_ended(const std::string& identity);

/// A word for this machine, and one for its processes that see each other (the namespace of
/// processes). Containers on one machine have the same first word.
std::string own_machine();
std::string own_process_space();

/// "process 12 on host a".
std::string name_of_process(const std::string& identity);

}  // namespace pinfeed

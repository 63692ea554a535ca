// SPDX-License-Identifier: Apache-2.0
// What tests ask of the stand-in for the CUDA runtime (runtime.cpp).
//
// It is as strict as the real one: each thread has its last error, which cudaErrorNotReady sets too
// and only cudaGetLastError() clears; a function of the runtime that is called inside of a host
// function ends the process; memory that is freed is not accessible any more. A copy from or to
// memory that the runtime does not know waits for the stream.
//
//   STANDIN_SYNC=1      allocating and freeing wait for the work of all streams
//   STANDIN_DELAY_US=N  each piece of work begins after a random time of up to N microseconds
#pragma once

#include <functional>

#include "tests/cuda_standin/cuda_runtime_api.h"

namespace pinfeed::standin {

/// Gives work to the stream.
void push(cudaStream_t stream, std::function<void()> work);

/// The calls so far of functions that can fail.
long calls();
/// The call of this number fails, from 1 on, counted from now; 0: none.
void fail_call(long number);

/// How often the host has waited for a stream or an event.
long synchronizations();

}  // namespace pinfeed::standin

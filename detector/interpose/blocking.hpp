// Blocking calls that are cancellation points.
#pragma once

#include <cxxabi.h>

#include <utility>

#include "detector/interpose/interpose.hpp"

namespace gobench::detector::interpose {

// Runs `call`. If the thread is cancelled in it, its clean-up handlers are ordered after pthread_cancel.
template <typename Call>
decltype(auto) cancellation_point(Call&& call) {
  try {
    return std::forward<Call>(call)();
  } catch (abi::__forced_unwind&) {
    cancelled();
    throw;
  }
}

}  // namespace gobench::detector::interpose

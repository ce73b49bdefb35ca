// Cases of threads of the standard library and of pthreads. Nothing here or in the cases uses gobench.
#pragma once

#include <thread>
#include <utility>

#include "tests/corpus/explore/corpus.hpp"

namespace corpus {

// Starts a thread for each, in this order, and waits for all.
template <class... F>
void together(F... each) {
  std::thread threads[] = {std::thread(std::move(each))...};
  for (std::thread& one : threads) one.join();
}

}  // namespace corpus

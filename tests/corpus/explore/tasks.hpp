// Cases of gobench's tasks, channels and locks.
#pragma once

#include <gobench.hpp>
#include <utility>

#include "tests/corpus/explore/corpus.hpp"

namespace corpus {

// Starts a task for each, in this order, and waits for all.
template <class... F>
void together(F... each) {
  gobench::task tasks[] = {gobench::go(std::move(each))...};
  for (gobench::task& one : tasks) one.join();
}

}  // namespace corpus

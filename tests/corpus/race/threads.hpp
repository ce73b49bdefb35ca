// Cases whose sides are threads of the standard library. Nothing here or in the cases uses gobench.
#pragma once

#include <unistd.h>

#include <mutex>
#include <thread>

#include "tests/corpus/race/corpus.hpp"

namespace corpus {

inline void pause() { ::usleep(50); }

// For cases that are about what is accessed, and not about what orders it: the twin holds a mutex on both sides.
class locked_in_twin : public race_case {
 public:
  std::unique_lock<std::mutex> hold() {
    return twin() ? std::unique_lock(mutex_) : std::unique_lock<std::mutex>();
  }

 private:
  std::mutex mutex_;
};

template <class Case>
concept runs_itself = requires(Case& one) {
  one.run();
};

template <class Case>
concept starts_together = Case::together;

template <class Case>
void run_case(const settings& chosen) {
  Case& one = *make_case<Case>(chosen.twin);
  if constexpr (runs_itself<Case>) {
    one.run();
  } else {
    // Not reach(): the case may have steps of its own.
    static std::atomic<bool> first_is_over{false};
    std::thread first([&one] {
      side(one, &Case::first);
      first_is_over.store(true, std::memory_order_relaxed);
    });
    std::thread second([&one] {
      if constexpr (!starts_together<Case>) {
        while (!first_is_over.load(std::memory_order_relaxed)) pause();
      }
      side(one, &Case::second);
    });
    first.join();
    second.join();
  }
}

}  // namespace corpus

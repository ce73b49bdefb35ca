// Cases whose sides are tasks of gobench.
#pragma once

#include <chrono>
#include <gobench.hpp>

#include "tests/corpus/race/corpus.hpp"

namespace corpus {

inline void pause() { gobench::sleep_for(std::chrono::microseconds(50)); }

template <class Case>
concept runs_itself = requires(Case& one) {
  one.run();
};

template <class Case>
concept starts_together = Case::together;

template <class Case>
void run_case(const settings& chosen) {
  gobench::options options;
  options.kind = chosen.fibers ? gobench::backend::fiber : gobench::backend::thread;
  options.procs = chosen.procs;
  gobench::run(options, [&chosen] {
    Case& one = *make_case<Case>(chosen.twin);
    if constexpr (runs_itself<Case>) {
      one.run();
    } else {
      static std::atomic<bool> first_is_over{false};
      gobench::task first = gobench::go([&one] {
        side(one, &Case::first);
        first_is_over.store(true, std::memory_order_relaxed);
      });
      gobench::task second = gobench::go([&one] {
        if constexpr (!starts_together<Case>) {
          while (!first_is_over.load(std::memory_order_relaxed)) pause();
        }
        side(one, &Case::second);
      });
      first.join();
      second.join();
    }
  });
}

}  // namespace corpus

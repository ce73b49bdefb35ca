// The corpus of races: small programs with one race each, and for each a twin that is the same but for the
// synchronisation that it lacks.
//
// A case is a type with two sides, each of which runs in a thread or task of its own:
//
//   struct std_mutex : race_case {
//     std::mutex m;
//     int value = 0;
//     void first() {
//       const std::scoped_lock held(m);
//       value = 1;
//     }
//     void second() {
//       std::unique_lock held(m, std::defer_lock);
//       if (twin()) held.lock();
//       value = 2;
//     }
//   };
//   CORPUS_CASE(std_mutex, "std::mutex, which one side does not take");
//
// Rules
//  - Both accesses happen in every run, also of one processor, and nothing orders them but what the twin adds. So
//    second() starts when first() has returned, and is told so by a relaxed atomic, which is no edge.
//    A case with `static constexpr bool together = true` has both started at once and arranges its own steps with
//    reach() and await(), which are relaxed too.
//  - Nothing else races, in either variant. What a detector reports has one stack through first() and one
//    through second(), and is of the kind that the case is registered with.
//  - No output, no locks and no allocations between the two accesses that might order them.
//
// A case that is not two sides beside each other (a fork, an end of a thread) has a method run() instead, and calls
// its own first() and second() through side().
#pragma once

#include <atomic>
#include <cstdlib>
#include <vector>

namespace corpus {

class race_case {
 public:
  bool twin() const { return twin_; }

  // Step by step without ordering anything. Relaxed throughout, on purpose.
  void reach(int step) { step_.store(step, std::memory_order_relaxed); }
  void await(int step);

 private:
  template <class Case>
  friend Case* make_case(bool twin);
  bool twin_ = false;
  // On a granule of its own, so that it takes no part in what detectors remember about the case.
  alignas(64) std::atomic<int> step_{0};
  alignas(64) char apart_[1] = {};
};

// Gives the processor up for a moment. Orders nothing.
void pause();

inline void race_case::await(int step) {
  while (step_.load(std::memory_order_relaxed) < step) pause();
}

// Cases are leaked, so that the end of their life is no access.
template <class Case>
Case* make_case(bool twin) {
  auto* made = new Case;
  made->twin_ = twin;
  return made;
}

// Calls a side so that no optimiser sees which one it is: each stays a function with a frame and a name.
template <class Case>
void side(Case& of, void (Case::*which)()) {
  void (Case::*volatile opaque)() = which;
  (of.*opaque)();
}

struct settings {
  bool twin = false;
  bool fibers = true;  // gobench's tasks as fibers, or as threads
  int procs = 1;
};

struct entry {
  const char* name;
  const char* construct;
  const char* kind;   // of the finding; alternatives are separated by |
  const char* first;  // functions that the two stacks go through, in either order
  const char* second;
  const char* file;
  void (*run)(const settings&);
};

inline std::vector<entry>& entries() {
  static std::vector<entry> all;
  return all;
}

struct registration {
  explicit registration(const entry& one) { entries().push_back(one); }
};

// Runs the two sides of a case; each binary says by what (threads.hpp, tasks.hpp).
template <class Case>
void run_case(const settings& chosen);

// CORPUS_CASE(type, "construct") or CORPUS_CASE(type, "construct", "kind").
#define CORPUS_CASE(type, ...) CORPUS_CASE_OF(type, __VA_ARGS__, "data-race", )
#define CORPUS_CASE_OF(type, construct, kind, ...) \
  CORPUS_CASE_BY(type, construct, kind, #type "::first", #type "::second")
// The same with the names of the functions.
#define CORPUS_CASE_BY(type, construct, kind, first, second) \
  const ::corpus::registration type##_is_registered(         \
      {#type, construct, kind, first, second, __FILE__, &::corpus::run_case<type>})

}  // namespace corpus

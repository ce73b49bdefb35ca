// The corpus of schedules: small programs that fail only when their threads meet in a certain way, and for each a twin
// that is repaired and fails never.
//
//   struct thread_lost_update : explore_case {
//     std::atomic<int> hits{0};
//     void hit() {
//       if (twin())
//         ++hits;
//       else
//         hits = hits + 1;
//     }
//     void run() {
//       together([this] { hit(); }, [this] { hit(); });
//       assert(hits == 2);
//     }
//   };
//   EXPLORE_CASE(thread_lost_update, "assertion", "", "a counter that is read and then written");
//
// Rules
//  - run() is the whole program: it starts two to four threads or tasks and is over after some dozens of steps.
//  - The first schedule that one would think of, in which threads run in the order of their starts, passes wherever
//    the bug allows it. Cases that have to fail in every schedule would show nothing about exploration.
//  - The twin neither fails nor is reported in any schedule: it has no data race, no lock in two orders, and
//    nothing that waits for ever at its end.
//  - Times are a few milliseconds, so that a plain run is short as well; what follows from them is said by the
//    order of deadlines only.
//  - A case fails in the way that programs do: by assert, by the exit code 1 after a sentence (wrong), by an
//    exception that nobody catches, by not coming to its end.
//
// Which bugs there are: Lu, Park, Seo and Zhou, "Learning from mistakes" (ASPLOS 2008), for threads: atomicity
// and order violations, and deadlocks; Tu, Liu, Song and Zhang, "Understanding real-world concurrency bugs in Go"
// (ASPLOS 2019), and Yuan et al., "GoBench" (CGO 2021), for channels, contexts and groups; Lin et al., "JaConTeBe" (ASE
// 2015), for conditions and locks. The programs are our own.
#pragma once

#ifdef NDEBUG
#error "the corpus fails by assert: compile it without NDEBUG"
#endif

#include <cassert>
#include <cstdio>
#include <cstdlib>

namespace corpus {

// Whether this process runs the twin: one case per process. Set before the case is made.
inline bool is_twin = false;

struct explore_case {
  static bool twin() { return is_twin; }
};

// Ends the program as one does that checks its own result: a sentence, and exit code 1.
[[noreturn]] inline void wrong(const char* sentence) {
  std::fprintf(stderr, "%s\n", sentence);
  std::_Exit(1);
}

struct entry {
  const char* name;
  const char* kinds;   // of the finding that is expected; alternatives are separated by |
  const char* beside;  // kinds that may be found as well, in the same form; mostly none
  const char* construct;
  const char* file;
  void (*run)();
};

// A list without an allocation or a guard: nothing of it is a step of the program that is explored.
struct registration {
  explicit registration(const entry& described) : one(described), next(first) { first = this; }
  entry one;
  const registration* next;
  static inline const registration* first = nullptr;
};

// Cases are leaked, so that threads that are left at the end find what they use.
template <class Case>
void run_case() {
  (new Case)->run();
}

// Calls run() in what the cases of this binary need around them (threads.cpp, tasks.cpp).
void start(void (*run)());

#define EXPLORE_CASE(type, kinds, beside, construct) \
  const ::corpus::registration type##_is_registered( \
      {#type, kinds, beside, construct, __FILE__, &::corpus::run_case<type>})

}  // namespace corpus

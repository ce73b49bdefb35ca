// What many cases have in common: locks that one side does not take.
#pragma once

#include "tests/corpus/race/corpus.hpp"

namespace corpus {

// The frames of a case carry its own name, also where its sides come from a template.
#define CORPUS_SIDES(base)        \
  void first() { base::first(); } \
  void second() { base::second(); }

// Take and Give are functions of a lock. The first side always holds it, the second only in the twin.
template <class Lock, auto Take, auto Give>
struct lock_forgotten : race_case {
  Lock lock{};
  long value = 0;

  void first() {
    Take(lock);
    value = 1;
    Give(lock);
  }
  void second() {
    if (twin()) Take(lock);
    value = 2;
    if (twin()) Give(lock);
  }
};

// The second side takes the lock in any case, but in the racy variant in a way that does not exclude the first: as
// a reader that writes.
template <class Lock, auto Share, auto Unshare, auto Take, auto Give>
struct written_by_readers : race_case {
  Lock lock{};
  long value = 0;

  void first() { both(1); }
  void second() { both(2); }
  void both(long now) {
    if (twin()) {
      Take(lock);
      value = now;
      Give(lock);
    } else {
      Share(lock);
      value = now;
      Unshare(lock);
    }
  }
};

}  // namespace corpus

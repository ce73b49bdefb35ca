// Algorithms on atomics: every access is atomic, and still they go wrong.
#include <atomic>

#include "tests/corpus/explore/threads.hpp"

namespace {

using corpus::explore_case;
using corpus::together;

struct thread_lost_update : explore_case {
  std::atomic<int> hits{0};
  void hit() {
    if (twin())
      ++hits;
    else
      hits = hits + 1;
  }
  void run() {
    together([this] { hit(); }, [this] { hit(); });
    assert(hits == 2);
  }
};
EXPLORE_CASE(thread_lost_update, "assertion", "", "a counter that is read and then written");

struct thread_exchange_result_ignored : explore_case {
  std::atomic<int> value{0};
  void add(int n) {
    int seen = value;
    while (!value.compare_exchange_strong(seen, seen + n) && twin()) {
    }
  }
  void run() {
    together([this] { add(1); }, [this] { add(10); });
    assert(value == 11);
  }
};
EXPLORE_CASE(thread_exchange_result_ignored, "assertion", "",
             "a compare_exchange that has failed is not tried again");

struct thread_maximum : explore_case {
  std::atomic<int> highest{0};
  void offer(int value) {
    int seen = highest;
    if (!twin()) {
      if (seen < value) highest = value;
      return;
    }
    while (seen < value && !highest.compare_exchange_weak(seen, value)) {
    }
  }
  void run() {
    together([this] { offer(1); }, [this] { offer(2); });
    assert(highest == 2);
  }
};
EXPLORE_CASE(thread_maximum, "assertion", "", "a maximum is compared and then stored");

struct thread_reference_count : explore_case {
  std::atomic<int> references{2};
  std::atomic<int> freed{0};
  void drop() {
    if (twin()) {
      if (--references == 0) ++freed;
      return;
    }
    --references;
    if (references == 0) ++freed;
  }
  void run() {
    together([this] { drop(); }, [this] { drop(); });
    if (freed != 1) corpus::wrong("the object was freed more than once");
  }
};
EXPLORE_CASE(thread_reference_count, "assertion", "",
             "a reference count is decremented and then looked at");

struct thread_revived : explore_case {
  std::atomic<int> references{1};
  std::atomic<bool> freed{false};
  void drop() {
    if (--references == 0) freed = true;
  }
  bool take() {
    if (!twin()) {
      if (references == 0) return false;
      ++references;
      return true;
    }
    int seen = references;
    while (seen > 0 && !references.compare_exchange_weak(seen, seen + 1)) {
    }
    return seen > 0;
  }
  void run() {
    together([this] { drop(); },
             [this] {
               if (!take()) return;
               assert(!freed);
               drop();
             });
  }
};
EXPLORE_CASE(thread_revived, "assertion", "", "a reference is added to an object that is going");

// A stack of nodes by number, as in the examples of the ABA problem (Treiber's stack, 1986).
struct thread_aba : explore_case {
  static constexpr unsigned none = 0xff;
  std::atomic<unsigned> head{0};  // the node; above it, in the twin, a count of changes
  std::atomic<unsigned> next[2] = {1, none};
  unsigned kept[2] = {none, none};
  unsigned stamped(unsigned seen, unsigned node) const {
    return twin() ? ((seen & ~0xffU) + 0x100U) | node : node;
  }
  unsigned pop() {
    unsigned seen = head;
    while ((seen & 0xff) != none &&
           !head.compare_exchange_strong(seen, stamped(seen, next[seen & 0xff]))) {
    }
    return seen & 0xff;
  }
  void push(unsigned node) {
    unsigned seen = head;
    do next[node] = seen & 0xff;
    while (!head.compare_exchange_strong(seen, stamped(seen, node)));
  }
  void run() {
    together([this] { kept[0] = pop(); },
             [this] {
               const unsigned first = pop();
               kept[1] = pop();
               if (first != none) push(first);
             });
    const unsigned top = head & 0xff;
    assert(top == none || (top != kept[0] && top != kept[1]));
  }
};
EXPLORE_CASE(thread_aba, "assertion", "", "a lock-free stack whose head is the same node again");

struct thread_initialised_twice : explore_case {
  std::atomic<bool> ready{false};
  std::atomic<bool> locked{false};
  std::atomic<int> made{0};
  void get() {
    if (ready) return;
    while (locked.exchange(true)) std::this_thread::yield();
    if (!twin() || !ready) ++made;
    ready = true;
    locked = false;
  }
  void run() {
    together([this] { get(); }, [this] { get(); });
    assert(made == 1);
  }
};
EXPLORE_CASE(thread_initialised_twice, "assertion", "",
             "double-checked initialisation without its second check");

struct thread_published_too_early : explore_case {
  std::atomic<bool> ready{false};
  std::atomic<bool> locked{false};
  std::atomic<int> value{0};
  int get() {
    if (!ready) {
      while (locked.exchange(true)) std::this_thread::yield();
      if (!ready) {
        if (!twin()) ready = true;
        value = 42;
        ready = true;
      }
      locked = false;
    }
    return value;
  }
  void run() {
    together([this] { assert(get() == 42); }, [this] { assert(get() == 42); });
  }
};
EXPLORE_CASE(thread_published_too_early, "assertion", "",
             "double-checked initialisation that says ready before it is");

struct thread_test_then_set : explore_case {
  std::atomic<bool> locked{false};
  std::atomic<int> inside{0};
  void enter() {
    if (twin()) {
      while (locked.exchange(true)) std::this_thread::yield();
      return;
    }
    while (locked) std::this_thread::yield();
    locked = true;
  }
  void work() {
    enter();
    assert(++inside == 1);
    --inside;
    locked = false;
  }
  void run() {
    together([this] { work(); }, [this] { work(); });
  }
};
EXPLORE_CASE(thread_test_then_set, "assertion", "", "a lock that is tested and then set");

// Peterson, "Myths about the mutual exclusion problem" (1981).
struct thread_peterson_order : explore_case {
  std::atomic<bool> wants[2] = {};
  std::atomic<int> turn{0};
  std::atomic<int> inside{0};
  void work(int me) {
    const int other = 1 - me;
    if (!twin()) turn = other;
    wants[me] = true;
    if (twin()) turn = other;
    while (wants[other] && turn == other) std::this_thread::yield();
    assert(++inside == 1);
    --inside;
    wants[me] = false;
  }
  void run() {
    together([this] { work(0); }, [this] { work(1); });
  }
};
EXPLORE_CASE(thread_peterson_order, "assertion", "",
             "Peterson's lock with its two stores exchanged");

struct thread_dekker_without_turn : explore_case {
  std::atomic<bool> wants[2] = {};
  void work(int me) {
    wants[me] = true;
    while (wants[1 - me]) {
      if (twin() && me == 1) {  // one of the two gives way
        wants[me] = false;
        while (wants[1 - me]) std::this_thread::yield();
        wants[me] = true;
      }
      std::this_thread::yield();
    }
    wants[me] = false;
  }
  void run() {
    together([this] { work(0); }, [this] { work(1); });
  }
};
EXPLORE_CASE(thread_dekker_without_turn, "hang", "",
             "both say that they want, and wait for the other");

struct thread_polite_spoon : explore_case {
  std::atomic<int> spoon{0};
  std::atomic<bool> hungry[2] = {};
  void dine(int me) {
    const int other = 1 - me;
    hungry[me] = true;
    for (bool polite = true;;) {
      if (spoon != me) {
        std::this_thread::yield();
      } else if (polite && hungry[other]) {
        if (twin()) polite = false;  // once is enough
        spoon = other;
      } else {
        break;
      }
    }
    hungry[me] = false;
    spoon = other;
  }
  void run() {
    together([this] { dine(0); }, [this] { dine(1); });
  }
};
EXPLORE_CASE(thread_polite_spoon, "hang", "",
             "a livelock: two hungry ones hand the spoon to each other");

struct thread_sequence_lock : explore_case {
  std::atomic<int> sequence{0};
  std::atomic<int> first{0}, second{0};
  void write() {
    ++sequence;
    first = 1;
    second = 1;
    ++sequence;
  }
  void read() {
    for (int tries = 0; tries < 3; ++tries) {
      const int before = sequence;
      if (before % 2 != 0) continue;
      const int one = first;
      const int two = second;
      if (twin() && sequence != before) continue;
      assert(one == two);
      return;
    }
  }
  void run() {
    together([this] { write(); }, [this] { read(); });
  }
};
EXPLORE_CASE(thread_sequence_lock, "assertion", "",
             "a reader of a sequence lock looks at the sequence once");

struct thread_ring_two_producers : explore_case {
  std::atomic<int> slots[4] = {};
  std::atomic<unsigned> end{0};
  void put(int value) {
    if (twin()) {
      slots[end++] = value;
      return;
    }
    const unsigned at = end;
    slots[at] = value;
    end = at + 1;
  }
  void run() {
    together([this] { put(1); }, [this] { put(2); });
    assert(slots[0] + slots[1] == 3);
  }
};
EXPLORE_CASE(thread_ring_two_producers, "assertion", "",
             "a ring for one producer is filled by two");

struct thread_used_before_set : explore_case {
  struct settings {
    int size = 1;
  };
  settings made;
  std::atomic<const settings*> current{nullptr};
  void run() {
    if (twin()) current = &made;
    std::thread worker([this] {
      const settings* mine = current;
      assert(mine != nullptr && mine->size == 1);
    });
    current = &made;
    worker.join();
  }
};
EXPLORE_CASE(thread_used_before_set, "assertion", "",
             "a thread is started before what it uses is set");

struct thread_id_given_twice : explore_case {
  std::atomic<bool> used[2] = {};
  std::atomic<int> holders[2] = {};
  void take() {
    for (int i = 0; i < 2; ++i) {
      if (twin() ? used[i].exchange(true) : used[i].load()) continue;
      used[i] = true;
      assert(++holders[i] == 1);
      return;
    }
  }
  void run() {
    together([this] { take(); }, [this] { take(); });
  }
};
EXPLORE_CASE(thread_id_given_twice, "assertion", "", "a free place is found and then marked");

}  // namespace

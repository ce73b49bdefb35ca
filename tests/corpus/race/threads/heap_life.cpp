// The end of what lies on the heap, beside uses of it.
#include <atomic>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/corpus/race/threads.hpp"

namespace {

using corpus::race_case;

constexpr auto relaxed = std::memory_order_relaxed;

// In the racy variant of both nothing orders the two sides; in the twin a flag does.
class handed : public race_case {
 public:
  void done() { flag_.store(true, twin() ? std::memory_order_release : relaxed); }
  void wait() {
    while (!flag_.load(twin() ? std::memory_order_acquire : relaxed)) corpus::pause();
  }

 private:
  std::atomic<bool> flag_{false};
};

#define CORPUS_USED_THEN_FREED "data-race|use-after-free-race"

// Used by one, then given up by the other.
template <auto Make, auto Free>
struct used_then_freed : handed {
  long* object = Make();
  void first() {
    object[1] = 1;
    done();
  }
  void second() {
    wait();
    touched = 1;
    Free(object);
  }
  long touched = 0;
};

// Given up by one although the other still uses it. The twin uses it before.
template <auto Make, auto Free>
struct freed_then_used : race_case {
  static constexpr bool together = true;
  long* object = Make();
  std::atomic<bool> flag{false};
  long touched = 0;
  void first() {
    if (twin()) {
      while (!flag.load(std::memory_order_acquire)) corpus::pause();
    }
    touched = 1;
    Free(object);
    reach(1);
  }
  void second() {
    if (!twin()) await(1);
    object[1] = 2;
    flag.store(true, std::memory_order_release);
  }
};

constexpr auto by_malloc = [] { return static_cast<long*>(std::malloc(40)); };
constexpr auto by_new = [] { return new long[5]; };
constexpr auto free_it = [](long* object) { std::free(object); };
constexpr auto delete_it = [](long* object) { delete[] object; };
constexpr auto grow_it = [](long* object) {
  if (std::realloc(object, 100'000) == nullptr) std::abort();
};

#define CORPUS_LIFE(name, base, make, end, construct) \
  struct name : base<make, end> {                     \
    void first() { base::first(); }                   \
    void second() { base::second(); }                 \
  };                                                  \
  CORPUS_CASE(name, construct, CORPUS_USED_THEN_FREED)

CORPUS_LIFE(used_then_free, used_then_freed, by_malloc, free_it, "a use, then free, not ordered");
CORPUS_LIFE(used_then_delete, used_then_freed, by_new, delete_it,
            "a use, then delete[], not ordered");
CORPUS_LIFE(used_then_realloc, used_then_freed, by_malloc, grow_it,
            "a use, then realloc, not ordered");
CORPUS_LIFE(free_then_used, freed_then_used, by_malloc, free_it,
            "free, then a use by another thread");
CORPUS_LIFE(delete_then_used, freed_then_used, by_new, delete_it,
            "delete[], then a use by another thread");
CORPUS_LIFE(realloc_then_used, freed_then_used, by_malloc, grow_it,
            "realloc, then a use of the old block");
#undef CORPUS_LIFE

// What a block held before is nothing to who gets it next: memory that is used again is not shared.
struct block_used_again : race_case {
  std::atomic<long*> handed_over{nullptr};
  long kept = 0;
  void first() {
    for (int i = 0; i < 100; ++i) {
      auto* mine = new long(i);
      if (i == 99 && !twin()) {
        handed_over.store(mine, relaxed);
        *mine = 1;
        return;
      }
      delete mine;
    }
  }
  void second() {
    for (int i = 0; i < 100; ++i) {
      auto* mine = new long(i);
      kept += *mine;
      delete mine;
    }
    if (long* const theirs = handed_over.load(relaxed)) *theirs = 2;
  }
};
CORPUS_CASE(block_used_again, "blocks that are freed and used again by other threads");

struct unique_ptr_reset : handed {
  std::unique_ptr<long> owner = std::make_unique<long>(0);
  long* raw = owner.get();
  void first() {
    *raw = 1;
    done();
  }
  void second() {
    wait();
    owner.reset();
  }
};
CORPUS_CASE(unique_ptr_reset, "std::unique_ptr::reset beside a use", CORPUS_USED_THEN_FREED);

struct vector_reallocated : handed {
  std::vector<long> shared = std::vector<long>(4);
  long* element = &shared[2];
  void first() {
    *element = 1;
    done();
  }
  void second() {
    wait();
    shared.resize(1000);
  }
};
CORPUS_CASE(vector_reallocated, "std::vector::resize moves its elements beside a write to one",
            CORPUS_USED_THEN_FREED);

struct map_erased : handed {
  std::map<int, long> shared{{1, 1}, {2, 2}};
  long* element = &shared[2];
  void first() {
    *element = 1;
    done();
  }
  void second() {
    wait();
    shared.erase(2);
  }
};
CORPUS_CASE(map_erased, "std::map::erase beside a write to the value", CORPUS_USED_THEN_FREED);

// A virtual call reads the pointer to the table of virtual functions, which a destructor writes.
struct virtual_call_beside_destructor : handed {
  struct base {
    base() = default;
    base(const base&) = delete;
    base& operator=(const base&) = delete;
    virtual ~base() { last_answer = ask(*this); }  // so that the pointer has to be written
    static __attribute__((noinline)) long ask(base& of) { return of.answer(); }
    virtual long answer() { return 1; }
    long last_answer = 0;
  };
  struct derived : base {
    ~derived() override { field = 0; }
    long answer() override { return 2; }
    long field = 0;
  };
  alignas(derived) unsigned char storage[sizeof(derived)] = {};
  base* object = new (storage) derived;
  long seen = 0;
  void first() {
    seen = object->answer();
    done();
  }
  void second() {
    wait();
    object->~base();
  }
};
CORPUS_CASE(virtual_call_beside_destructor, "a virtual call beside the destructor (vptr)");

struct virtual_call_beside_delete : handed {
  struct base {
    base() = default;
    base(const base&) = delete;
    base& operator=(const base&) = delete;
    virtual ~base() = default;
    virtual long answer() { return 1; }
    long field = 7;
  };
  struct derived : base {
    long answer() override { return field; }
  };
  base* object = new derived;
  long seen = 0;
  void first() {
    seen = object->answer();
    done();
  }
  void second() {
    wait();
    delete object;
  }
};
CORPUS_CASE(virtual_call_beside_delete, "a virtual call beside delete", CORPUS_USED_THEN_FREED);

// Constructed by one thread, and used by another before it was told.
struct constructed_beside_use : handed {
  struct object {
    explicit object(long n) : field(n) {}
    long field;
  };
  std::atomic<object*> made{nullptr};
  long seen = 0;
  void first() { made.store(new object(1), twin() ? std::memory_order_release : relaxed); }
  void second() {
    object* found = nullptr;
    while ((found = made.load(twin() ? std::memory_order_acquire : relaxed)) == nullptr)
      corpus::pause();
    seen = found->field;
  }
};
CORPUS_CASE(constructed_beside_use, "a constructor beside a use of what it makes");

}  // namespace

// Where the object lies that two threads meet at.
#include <sys/mman.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>

#include "tests/corpus/race/threads.hpp"

namespace {

using corpus::locked_in_twin;
using corpus::race_case;

long a_global = 0;
struct lies_in_global : locked_in_twin {
  long seen = 0;
  void first() {
    const auto held = hold();
    a_global = 1;
  }
  void second() {
    const auto held = hold();
    seen = a_global;
  }
};
CORPUS_CASE(lies_in_global, "a global");

long a_global_array[100] = {1};
struct lies_in_global_array : locked_in_twin {
  long seen = 0;
  void first() {
    const auto held = hold();
    a_global_array[77] = 1;
  }
  void second() {
    const auto held = hold();
    seen = a_global_array[77];
  }
};
CORPUS_CASE(lies_in_global_array, "an element of a global array");

struct lies_in_static : locked_in_twin {
  long seen = 0;
  static long& object() {
    static long one = 0;
    return one;
  }
  void first() {
    const auto held = hold();
    object() = 1;
  }
  void second() {
    const auto held = hold();
    seen = object();
  }
};
CORPUS_CASE(lies_in_static, "a local static that needs no guard");

struct lies_in_class_static : locked_in_twin {
  long seen = 0;
  static inline long shared = 0;
  void first() {
    const auto held = hold();
    shared = 1;
  }
  void second() {
    const auto held = hold();
    seen = shared;
  }
};
CORPUS_CASE(lies_in_class_static, "a static member");

template <class Make>
struct behind_pointer : locked_in_twin {
  long* object = Make{}();
  void first() {
    const auto held = hold();
    *object = 1;
  }
  void second() {
    const auto held = hold();
    *object = 2;
  }
};

struct by_new {
  long* operator()() const { return new long(0); }
};
struct by_array_new {
  long* operator()() const { return new long[10]() + 7; }
};
struct by_malloc {
  long* operator()() const { return static_cast<long*>(std::malloc(sizeof(long))); }
};
struct by_calloc {
  long* operator()() const { return static_cast<long*>(std::calloc(100, sizeof(long))) + 50; }
};
struct by_realloc {
  long* operator()() const {
    return static_cast<long*>(std::realloc(std::malloc(8), 100'000)) + 10'000;
  }
};
struct by_aligned_alloc {
  long* operator()() const { return static_cast<long*>(std::aligned_alloc(64, 128)) + 8; }
};
struct by_memalign {
  long* operator()() const {
    void* made = nullptr;
    if (posix_memalign(&made, 4096, 4096) != 0) std::abort();
    return static_cast<long*>(made);
  }
};
struct by_aligned_new {
  struct alignas(128) wide_type {
    long at[16];
  };
  long* operator()() const { return &(new wide_type())->at[3]; }
};
struct by_mmap {
  long* operator()() const {
    void* made = mmap(nullptr, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (made == MAP_FAILED) std::abort();
    return static_cast<long*>(made) + 1000;
  }
};
struct by_shared_mmap {
  long* operator()() const {
    void* made = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (made == MAP_FAILED) std::abort();
    return static_cast<long*>(made);
  }
};
struct by_large_malloc {  // a mapping of its own
  long* operator()() const { return static_cast<long*>(std::malloc(16 << 20)) + 1'000'000; }
};

#define CORPUS_BEHIND_POINTER(name, make, construct) \
  struct name : behind_pointer<make> {               \
    void first() { behind_pointer::first(); }        \
    void second() { behind_pointer::second(); }      \
  };                                                 \
  CORPUS_CASE(name, construct)

CORPUS_BEHIND_POINTER(lies_in_new, by_new, "new");
CORPUS_BEHIND_POINTER(lies_in_array_new, by_array_new, "new of an array");
CORPUS_BEHIND_POINTER(lies_in_aligned_new, by_aligned_new, "new of an over-aligned type");
CORPUS_BEHIND_POINTER(lies_in_malloc, by_malloc, "malloc");
CORPUS_BEHIND_POINTER(lies_in_large_malloc, by_large_malloc, "malloc of 16 MiB");
CORPUS_BEHIND_POINTER(lies_in_calloc, by_calloc, "calloc");
CORPUS_BEHIND_POINTER(lies_in_realloc, by_realloc, "realloc");
CORPUS_BEHIND_POINTER(lies_in_aligned_alloc, by_aligned_alloc, "aligned_alloc");
CORPUS_BEHIND_POINTER(lies_in_memalign, by_memalign, "posix_memalign");
CORPUS_BEHIND_POINTER(lies_in_mmap, by_mmap, "mmap");
CORPUS_BEHIND_POINTER(lies_in_shared_mmap, by_shared_mmap, "mmap of shared memory");

// A local variable whose address another thread was given.
struct lies_on_stack : locked_in_twin {
  static constexpr bool together = true;
  std::atomic<long*> handed{nullptr};
  void first() {
    long local = 0;
    handed.store(&local, std::memory_order_release);
    await(1);
    {
      const auto held = hold();
      local = 1;
    }
    reach(2);
    await(3);
  }
  void second() {
    reach(1);
    await(2);
    {
      const auto held = hold();
      *handed.load(std::memory_order_acquire) = 2;
    }
    reach(3);
  }
};
CORPUS_CASE(lies_on_stack, "a local variable of another thread");

// The same in the main thread, whose stack is another kind of memory.
struct lies_on_main_stack : locked_in_twin {
  long* local = nullptr;
  void first() {
    const auto held = hold();
    *local = 1;
  }
  void second() {
    const auto held = hold();
    *local = 2;
  }
  void run() {
    long object = 0;
    local = &object;
    std::thread beside([this] {
      side(*this, &lies_on_main_stack::first);
      reach(1);
    });
    await(1);
    side(*this, &lies_on_main_stack::second);
    beside.join();
  }
};
CORPUS_CASE(lies_on_main_stack, "a local variable of the main thread");

thread_local long of_each_thread = 0;
struct lies_in_thread_local : locked_in_twin {
  static constexpr bool together = true;
  std::atomic<long*> handed{nullptr};
  void first() {
    handed.store(&of_each_thread, std::memory_order_release);
    await(1);
    {
      const auto held = hold();
      of_each_thread = 1;
    }
    reach(2);
    await(3);
  }
  void second() {
    reach(1);
    await(2);
    {
      const auto held = hold();
      *handed.load(std::memory_order_acquire) = 2;
    }
    reach(3);
  }
};
CORPUS_CASE(lies_in_thread_local, "a thread_local, through a pointer");

// Each thread has its own.
struct lies_in_own_thread_local : race_case {
  long shared = 0;
  void first() { ++(twin() ? of_each_thread : shared); }
  void second() { ++(twin() ? of_each_thread : shared); }
};
CORPUS_CASE(lies_in_own_thread_local, "a thread_local in the twin, a shared one else");

struct lies_in_capture : locked_in_twin {
  long captured = 0;
  void first() {
    write([&] { captured = 1; });
  }
  void second() {
    write([&] { captured = 2; });
  }
  template <class F>
  void write(F f) {
    const auto held = hold();
    f();
  }
};
CORPUS_CASE(lies_in_capture, "a variable captured by reference");

struct lies_in_placement : locked_in_twin {
  struct object {
    explicit object(long n) : field(n) {}
    long field;
  };
  alignas(object) unsigned char storage[sizeof(object)] = {};
  void first() {
    const auto held = hold();
    new (storage) object(1);
  }
  void second() {
    const auto held = hold();
    new (storage) object(2);
  }
};
CORPUS_CASE(lies_in_placement, "placement new into the same storage");

struct lies_in_vector_of_pointers : locked_in_twin {
  std::array<std::unique_ptr<long>, 4> pointers{
      std::make_unique<long>(0), std::make_unique<long>(0), std::make_unique<long>(0), nullptr};
  void first() {
    const auto held = hold();
    *pointers[1] = 1;
  }
  void second() {
    const auto held = hold();
    *pointers[1] = 2;
  }
};
CORPUS_CASE(lies_in_vector_of_pointers, "behind a std::unique_ptr");

}  // namespace

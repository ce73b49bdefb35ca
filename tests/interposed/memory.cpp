// Heap blocks, and memory that the C library touches for the program.
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <cwchar>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <vector>

#include "tests/interposed/cases.hpp"

using namespace interposed;

namespace {

std::mutex mutex;
const char* volatile a_text = "a text that is copied";
char buffer[256];
wchar_t wide[64];
int numbers[1000];

// Sizes that no compiler knows: a constant one is copied inline.
volatile std::size_t some = 40;

template <typename Work>
void racing(Work work) {
  unordered(work, work);
}
template <typename Work>
void taking_turns(Work work) {
  const auto locked = [=] {
    for (int i = 0; i < 100; ++i) {
      const std::lock_guard guard(mutex);
      work();
    }
  };
  both(locked, locked);
}

}  // namespace

#define IN_BOTH_WAYS(name, ...)        \
  RACY(name##_racing) {                \
    racing([] { __VA_ARGS__; });       \
  }                                    \
  SILENT(name##_in_turns) {            \
    taking_turns([] { __VA_ARGS__; }); \
  }

IN_BOTH_WAYS(memset, std::memset(buffer, 1, some))
IN_BOTH_WAYS(memcpy, std::memcpy(buffer, buffer + 100, some))
IN_BOTH_WAYS(memmove, std::memmove(buffer, buffer + 1, some))
IN_BOTH_WAYS(mempcpy, mempcpy(buffer, buffer + 100, some))
IN_BOTH_WAYS(bzero, bzero(buffer, some))
IN_BOTH_WAYS(strcpy, std::strcpy(buffer, a_text))
IN_BOTH_WAYS(strncpy, std::strncpy(buffer, a_text, some))
IN_BOTH_WAYS(strcat, buffer[0] = '\0'; std::strcat(buffer, a_text))
IN_BOTH_WAYS(snprintf, std::snprintf(buffer, sizeof buffer, "%zu", some))
IN_BOTH_WAYS(sprintf, std::sprintf(buffer, "%zu", some))
IN_BOTH_WAYS(wmemset, std::wmemset(wide, L'x', some))
IN_BOTH_WAYS(qsort,
             std::qsort(numbers, some, sizeof numbers[0], [](const void* left, const void* right) {
               return *static_cast<const int*>(left) - *static_cast<const int*>(right);
             }))

#define READ_BESIDE_WRITE(name, ...)             \
  RACY(name##_beside_write) {                    \
    unordered([] { buffer[3] = 'x'; },           \
              [] {                               \
                volatile auto got = __VA_ARGS__; \
                (void)got;                       \
              });                                \
  }                                              \
  SILENT(name##_beside_read) {                   \
    std::strcpy(buffer, "some text");            \
    racing([] {                                  \
      volatile auto got = __VA_ARGS__;           \
      (void)got;                                 \
    });                                          \
  }

READ_BESIDE_WRITE(strlen,
                  (std::memset(buffer + 10, 0, 0), std::strlen(buffer)) + std::strlen(buffer + 3))
READ_BESIDE_WRITE(memcmp, std::memcmp(buffer, buffer + 100, some))
READ_BESIDE_WRITE(memchr, std::memchr(buffer, 'z', some))
READ_BESIDE_WRITE(strcmp, std::strncmp(buffer, buffer, some) + std::strcmp(buffer + 3, "xyz"))
READ_BESIDE_WRITE(strchr, std::strchr(buffer + 3, 'q') != nullptr)
READ_BESIDE_WRITE(strdup, [] {
  char* volatile copy = strdup(buffer + 3);
  std::free(copy);
  return 1;
}())

SILENT(string_search_stops_at_what_it_finds) {
  std::strcpy(buffer, "key=value");
  both([] { buffer[8] = 'E'; }, [] { CHECK(std::strchr(buffer, '=') == buffer + 3); });
}
SILENT(string_comparison_stops_at_difference) {
  std::strcpy(buffer, "abcdef");
  both([] { buffer[5] = 'F'; }, [] { CHECK(std::strcmp(buffer, "abXdef") != 0); });
}
SILENT(std_string_in_turns) {
  static std::string text;
  taking_turns([] {
    text += "a text that grows and grows";
    if (text.size() > 1000) text.clear();
  });
}
RACY(std_string_assigned) {
  static std::string text(50, 'a');
  const std::string other(some, 'b');
  unordered([&] { text = other; }, [&] { text = other; });
}

// --- heap ---------------------------------------------------------------------------------------------------------
RACY(heap_use_after_free) {
  static unseen_steps steps;
  static char* block = static_cast<char*>(std::malloc(some));
  block[5] = 1;
  std::thread thread([] {
    steps.wait(1);
    block[5] = 2;
  });
  std::free(block);
  steps.reach(1);
  thread.join();
}
RACY(heap_free_after_use) {
  static unseen_steps steps;
  static int* block = new int(4);
  std::thread thread([] {
    ++*block;
    steps.reach(1);
  });
  steps.wait(1);
  delete block;
  thread.join();
}
RACY(heap_realloc_beside_use) {
  static unseen_steps steps;
  static char* block = static_cast<char*>(std::malloc(some));
  std::thread thread([] {
    block[5] = 2;
    steps.reach(1);
  });
  steps.wait(1);
  block = static_cast<char*>(std::realloc(block, some + 1000));
  thread.join();
  std::free(block);
}
SILENT(heap_blocks_change_hands) {
  // One thread frees what the other allocated; memory comes again at the same addresses.
  static std::vector<char*> ready;
  const auto work = [] {
    for (int i = 0; i < 3000; ++i) {
      char* own = static_cast<char*>(i % 2 == 0 ? std::malloc(some) : std::calloc(1, some));
      own[i % 40] = 1;
      const std::lock_guard guard(mutex);
      if (ready.size() > 3) {
        ready.back()[0] = 2;
        std::free(ready.back());
        ready.pop_back();
      }
      ready.push_back(own);
    }
  };
  both(work, work);
}
SILENT(heap_same_address_without_order) {
  // The allocator orders its users; that is not seen and need not be.
  const auto work = [] {
    for (int i = 0; i < 3000; ++i) {
      int* own = new int[10];
      own[3] = i;
      delete[] own;
    }
  };
  both(work, work);
}
SILENT(heap_all_ways) {
  const auto work = [] {
    for (int i = 0; i < 200; ++i) {
      void* block = std::malloc(static_cast<std::size_t>(i));
      block = std::realloc(block, static_cast<std::size_t>(i * 7 + 1));
      block = reallocarray(block, 10, 10);
      CHECK(malloc_usable_size(block) >= 100);
      std::memset(block, 1, malloc_usable_size(block));
      std::free(block);
      CHECK(posix_memalign(&block, 256, some) == 0);
      CHECK(reinterpret_cast<std::uintptr_t>(block) % 256 == 0);
      std::free(block);
      block = aligned_alloc(64, 128);
      CHECK(reinterpret_cast<std::uintptr_t>(block) % 64 == 0);
      std::free(block);
      std::free(memalign(512, some));
      std::free(valloc(some));
      std::free(pvalloc(some));
      struct alignas(128) wide_type {
        char bytes[128];
      };
      delete new wide_type;
      delete[] new (std::nothrow) wide_type[3];
      delete[] new (std::nothrow) char[some];
      std::free(std::realloc(nullptr, some));
      std::free(nullptr);
    }
  };
  both(work, work);
}
SILENT(heap_fails_as_it_should) {
  volatile std::size_t huge = ~std::size_t{0} / 2;
  void* volatile got = std::malloc(huge);  // volatile: compilers know the result of an allocation
  CHECK(got == nullptr && errno == ENOMEM);
  got = std::calloc(huge, 16);
  CHECK(got == nullptr);
  char* block = static_cast<char*>(std::malloc(some));
  block[0] = 'k';
  CHECK(std::realloc(block, huge) == nullptr);
  CHECK(block[0] == 'k');
  std::free(block);
  CHECK(::operator new(huge, std::nothrow) == nullptr);
  bool thrown = false;
  try {
    ::operator delete(::operator new(huge));
  } catch (const std::bad_alloc&) {
    thrown = true;
  }
  CHECK(thrown);
  void* aligned = nullptr;
  CHECK(posix_memalign(&aligned, 3, 8) == EINVAL);
}
SILENT(heap_new_handler_is_called) {
  static int calls = 0;
  std::set_new_handler([] {
    if (++calls == 3) throw std::bad_alloc{};
  });
  volatile std::size_t huge = ~std::size_t{0} / 2;
  CHECK(::operator new(huge, std::nothrow) == nullptr);
  CHECK(calls == 3);
}
SILENT(heap_tail_beyond_the_request) {
  // The rest of a larger block that was there before is not touched by the smaller one's owner.
  for (int i = 0; i < 100; ++i) {
    std::thread([] {
      char* large = static_cast<char*>(std::malloc(100));
      std::memset(large, 1, malloc_usable_size(large));
      std::free(large);
    }).detach();
    char* small = static_cast<char*>(std::malloc(97));
    std::memset(small, 1, malloc_usable_size(small));
    std::free(small);
  }
}

// --- mappings -----------------------------------------------------------------------------------------------------
SILENT(mapping_same_place_again) {
  const auto work = [] {
    for (int i = 0; i < 300; ++i) {
      void* got = mmap(nullptr, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      CHECK(got != MAP_FAILED);
      static_cast<char*>(got)[100] = 1;
      got = mremap(got, 65536, 131072, MREMAP_MAYMOVE);
      CHECK(got != MAP_FAILED);
      static_cast<char*>(got)[100000] = 1;
      munmap(got, 131072);
    }
  };
  both(work, work);
}
RACY(mapping_shared_between_threads) {
  static char* got = static_cast<char*>(
      mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  unordered([] { got[1] = 1; }, [] { got[1] = 2; });
}
SILENT(mapping_large) {
  const std::size_t size = std::size_t{8} << 30;
  for (int i = 0; i < 5; ++i) {
    void* got = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(got != MAP_FAILED);
    static_cast<char*>(got)[size - 1] = 1;
    munmap(got, size);
  }
}

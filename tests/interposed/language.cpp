// The C++ runtime and jumps.
#include <dlfcn.h>
#include <setjmp.h>
#include <ucontext.h>

#include <exception>
#include <future>
#include <iomanip>
#include <iostream>
#include <locale>
#include <memory>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/interposed/cases.hpp"

using namespace interposed;

namespace {

int value = 0;

struct slow {
  slow() {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    number = 4;
  }
  int number = 0;
};
slow& the_slow() {
  static slow one;
  return one;
}

[[gnu::noinline]] void throw_deep(int depth) {
  if (depth == 0) throw std::runtime_error("deep");
  throw_deep(depth - 1);
  ++value;  // not reached
}

jmp_buf back;
[[gnu::noinline]] void jump_deep(int depth) {
  if (value != 0) return;
  if (depth == 0) longjmp(back, 1);
  jump_deep(depth - 1);
  ++value;
}
[[gnu::noinline]] void jump_once() {
  if (setjmp(back) == 0) jump_deep(40);
}
void jump_a_thousand_times() {
  for (int i = 0; i < 1000; ++i) jump_once();
}

}  // namespace

SILENT(static_made_once) {
  const auto work = [] { CHECK(the_slow().number == 4); };
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) threads.emplace_back(work);
  for (auto& thread : threads) thread.join();
}
SILENT(static_initialiser_throws) {
  static std::atomic<int> tries{0};
  const auto work = [] {
    for (;;) {
      try {
        static const int made = [] {
          std::this_thread::yield();
          if (++tries < 4) throw 1;
          value = 6;
          return 5;
        }();
        CHECK(made == 5 && value == 6);
        return;
      } catch (int) {
      }
    }
  };
  both(work, work);
}
SILENT(exception_pointer_shared) {
  for (int i = 0; i < 50; ++i) {
    std::exception_ptr kept;
    try {
      throw std::runtime_error("a text that is long enough to be on the heap of the program");
    } catch (...) {
      kept = std::current_exception();
    }
    const auto work = [kept] {
      try {
        std::rethrow_exception(kept);
      } catch (const std::runtime_error& error) {
        CHECK(error.what()[0] == 'a');
      }
    };
    std::thread one(work);
    std::thread two(work);
    kept = nullptr;
    one.join();
    two.join();
  }
}
SILENT(exception_of_the_programs_class) {
  struct failure {
    explicit failure(int number) : code(number), text(100, 'f') {}
    ~failure() { code = 0; }
    int code;
    std::string text;
  };
  for (int i = 0; i < 50; ++i) {
    std::promise<int> promise;
    std::shared_future<int> future = promise.get_future().share();
    const auto work = [future] {
      try {
        future.get();
        CHECK(false);
      } catch (const failure& caught) {
        CHECK(caught.code == 3 && caught.text.size() == 100);
      }
    };
    std::thread one(work);
    std::thread two(work);
    promise.set_exception(std::make_exception_ptr(failure(3)));
    future = {};
    promise = {};
    one.join();
    two.join();
  }
}
SILENT(exception_through_many_frames) {
  for (int i = 0; i < 300; ++i) {
    try {
      throw_deep(40);
    } catch (const std::runtime_error&) {
    }
  }
  CHECK(value == 0);
}
SILENT(jump_through_many_frames) {
  jump_a_thousand_times();
  CHECK(value == 0);
}
RACY(race_after_jumps_has_a_stack) {
  jump_a_thousand_times();
  unordered([] { ++value; }, [] { ++value; });
}
SILENT(contexts_are_switched) {
  static ucontext_t home;
  static ucontext_t other;
  static char stack[65536];
  getcontext(&other);
  other.uc_stack.ss_sp = stack;
  other.uc_stack.ss_size = sizeof stack;
  other.uc_link = &home;
  makecontext(
      &other,
      +[] {
        for (int i = 0; i < 100; ++i) {
          ++value;
          swapcontext(&other, &home);
        }
      },
      0);
  for (int i = 0; i < 100; ++i) swapcontext(&home, &other);
  CHECK(value == 100);
  both(
      [] {
        const std::string text(100, 'a');
        CHECK(text.size() == 100);
      },
      [] {});
}
SILENT(future_and_async) {
  for (int i = 0; i < 30; ++i) {
    value = i;
    auto future = std::async(std::launch::async, [] { return ++value; });
    CHECK(future.get() == i + 1);
    ++value;
    std::packaged_task<int()> task([] { return ++value; });
    auto result = task.get_future();
    std::thread thread(std::move(task));
    result.get();
    ++value;
    thread.join();
  }
}
SILENT(shared_pointer_counts) {
  for (int i = 0; i < 200; ++i) {
    auto kept = std::make_shared<std::vector<int>>(10, 3);
    std::weak_ptr<std::vector<int>> weak = kept;
    std::thread one([kept] { CHECK(kept->size() == 10); });
    std::thread two([weak] {
      if (auto got = weak.lock()) CHECK((*got)[3] == 3);
    });
    kept.reset();
    one.join();
    two.join();
  }
}
SILENT(streams_of_each_thread) {
  const auto work = [] {
    for (int i = 0; i < 100; ++i) {
      std::ostringstream out;
      out << "text " << i << ' ' << 1.5 << ' ' << std::hex << 255 << std::endl;
      std::istringstream in(out.str());
      std::string word;
      int number = 0;
      in >> word >> number;
      CHECK(word == "text" && number == i);
    }
  };
  both(work, work);
}
SILENT(standard_output_from_threads) {
  const auto work = [] {
    for (int i = 0; i < 50; ++i)
      std::cout << "line " << i << ' ' << 2.5 << 'x' << '\n' << std::flush;
  };
  both(work, work);
}
SILENT(locales_are_copied) {
  struct own_punctuation : std::numpunct<char> {
    char do_thousands_sep() const override { return '\''; }
    std::string do_grouping() const override { return "\3"; }
  };
  for (int i = 0; i < 30; ++i) {
    auto made = std::make_unique<std::locale>(std::locale::classic(), new own_punctuation);
    const auto work = [made = *made] {
      std::ostringstream out;
      out.imbue(made);
      out << 1234567;
      CHECK(out.str() == "1'234'567");
    };
    std::thread one(work);
    std::thread two(work);
    made.reset();
    one.join();
    two.join();
  }
}
SILENT(library_loaded_by_two) {
  const auto work = [] {
    for (int i = 0; i < 10; ++i) {
      void* library = dlopen("libutil.so.1", RTLD_NOW);
      void* other = dlopen("libm.so.6", RTLD_NOW);
      CHECK(other != nullptr);
      CHECK(dlsym(other, "cos") != nullptr);
      if (library != nullptr) dlclose(library);
      dlclose(other);
    }
  };
  both(work, work);
}

// A stack that overflows ends the program with a sentence; any other crash stays what it was.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <vector>

#include "runtime/internal/control.hpp"
#include "tests/runtime/support.hpp"

namespace {

using gobench::runtime::control;
using gobench::runtime::guard_kind;

constexpr std::size_t stack_bytes = std::size_t{64} * 1024;

volatile bool bottomless = true;

// Frames smaller than a page, so that none steps over the guard.
__attribute__((noinline)) int dive(int depth) {
  volatile char frame[512] = {};
  frame[static_cast<std::size_t>(depth) % sizeof frame] = 1;
  return bottomless ? dive(depth + 1) + frame[0] : depth;
}

gobench::options small_stacks(gobench::options chosen) {
  chosen.stack.reserve = stack_bytes;
  return chosen;
}

// --- kernels that have less than this one ---

std::vector<sock_filter> refuse_guard_install() {
  return {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_madvise, 3, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[2])),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 102, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
}

// As when the limit on mappings is reached: no guard page can be split off.
std::vector<sock_filter> refuse_guard_pages() {
  return {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 0, 5),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[1])),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 4096, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[2])),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROT_NONE, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOMEM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
}

bool apply(std::vector<sock_filter> filter) {
  sock_fprog program{};
  program.len = static_cast<unsigned short>(filter.size());
  program.filter = filter.data();
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

bool kernel_has_guard_install() {
  void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const bool has = ::madvise(page, 4096, 102) == 0;
  ::munmap(page, 4096);
  return has;
}

bool seccomp_works() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(apply(refuse_guard_install()) && apply(refuse_guard_pages()) ? 0 : 1);
  int status = 1;
  ::waitpid(child, &status, 0);
  return status == 0;
}

// Overflows in a fiber, provided that its stack is guarded as the test wants it.
void overflow_behind(guard_kind expected, gobench::options chosen) {
  gobench::run(small_stacks(chosen), [&] {
    gobench::go([&] {
      const auto& self = static_cast<control&>(gobench::runtime::this_waiter());
      if (self.lent->guard != expected) std::_Exit(3);
      dive(0);
      gobench::yield();
    }).join();
  });
}

class overflow_death : public ::testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

constexpr const char* task_sentence =
    "gobench: task [0-9]+, spawned at .*overflow_test.cpp:[0-9]+, has overflowed its stack of "
    "65536 "
    "bytes: give it a larger one with options::stack.reserve or GOBENCH_STACK";

TEST_F(overflow_death, marker) {
  if (!kernel_has_guard_install()) GTEST_SKIP() << "needs MADV_GUARD_INSTALL (Linux 6.13)";
  EXPECT_EXIT(overflow_behind(guard_kind::marker, on_fibers(2)), ::testing::KilledBySignal(SIGSEGV),
              task_sentence);
}

TEST_F(overflow_death, protected_page) {
  if (!seccomp_works()) GTEST_SKIP() << "needs seccomp to look like an older kernel";
  EXPECT_EXIT(
      {
        if (!apply(refuse_guard_install())) std::_Exit(4);
        overflow_behind(guard_kind::protected_page, on_fibers(2));
      },
      ::testing::KilledBySignal(SIGSEGV), task_sentence);
}

constexpr const char* canary_sentence =
    "gobench: task [0-9]+, spawned at .*overflow_test.cpp:[0-9]+, has overflowed its stack of "
    "65536 "
    "bytes .found when it was switched from; there is no guard page here.: give it a larger one";

// A few frames too many, which the canary survives to tell: the bytes below are nobody's.
__attribute__((noinline)) void overwrite_the_canary() {
  const auto& self = static_cast<control&>(gobench::runtime::this_waiter());
  volatile auto* lowest = reinterpret_cast<volatile unsigned char*>(self.lent->low);
  *lowest = static_cast<unsigned char>(*lowest + 1);
}

TEST_F(overflow_death, canary_when_no_guard_is_wanted) {
  gobench::options chosen = small_stacks(on_fibers(1));
  chosen.stack.guard = false;
  EXPECT_EXIT(gobench::run(chosen,
                           [] {
                             gobench::go([] {
                               overwrite_the_canary();
                               gobench::yield();
                             }).join();
                           }),
              ::testing::KilledBySignal(SIGABRT), canary_sentence);
}

TEST_F(overflow_death, canary_when_the_task_ends) {
  gobench::options chosen = small_stacks(on_fibers(1));
  chosen.stack.guard = false;
  EXPECT_EXIT(gobench::run(chosen, [] { gobench::go([] { overwrite_the_canary(); }).join(); }),
              ::testing::KilledBySignal(SIGABRT), canary_sentence);
}

TEST_F(overflow_death, canary_when_the_next_task_would_get_the_stack) {
  gobench::options chosen = small_stacks(on_fibers(1));
  chosen.stack.guard = false;
  EXPECT_EXIT(gobench::run(chosen,
                           [] {
                             gobench::task later = gobench::go([] {});
                             gobench::task first = gobench::go([] { overwrite_the_canary(); });
                             later.join();
                             first.join();
                           }),
              ::testing::KilledBySignal(SIGABRT), canary_sentence);
}

TEST_F(overflow_death, canary_when_no_guard_is_to_be_had) {
  if (!seccomp_works()) GTEST_SKIP() << "needs seccomp to look like a kernel at its limits";
  EXPECT_EXIT(
      {
        if (!apply(refuse_guard_install()) || !apply(refuse_guard_pages())) std::_Exit(4);
        gobench::run(small_stacks(on_fibers(1)), [] {
          const auto& self = static_cast<control&>(gobench::runtime::this_waiter());
          if (self.lent->guard != guard_kind::canary) std::_Exit(3);
          gobench::go([] {
            overwrite_the_canary();
            gobench::yield();
          }).join();
        });
      },
      ::testing::KilledBySignal(SIGABRT), canary_sentence);
}

TEST_F(overflow_death, the_main_task) {
  EXPECT_EXIT(gobench::run(small_stacks(on_fibers(1)), [] { dive(0); }),
              ::testing::KilledBySignal(SIGSEGV),
              "gobench: the main task, spawned at .*overflow_test.cpp:[0-9]+, has overflowed");
}

TEST_F(overflow_death, every_stack_of_many_is_guarded) {
  // Several slabs' worth, of which one in the middle overflows.
  EXPECT_EXIT(gobench::run(small_stacks(on_fibers(2)),
                           [] {
                             gobench::event begin;
                             std::vector<gobench::task> tasks;
                             for (int i = 0; i < 3000; ++i) {
                               tasks.push_back(gobench::go([&, i] {
                                 begin.wait();
                                 if (i == 1500) dive(0);
                               }));
                             }
                             begin.set();
                             for (gobench::task& t : tasks) t.join();
                           }),
              ::testing::KilledBySignal(SIGSEGV), task_sentence);
}

TEST_F(overflow_death, guards_survive_the_end_of_a_run) {
  EXPECT_EXIT(
      {
        for (int i = 0; i < 3; ++i)
          gobench::run(small_stacks(on_fibers(1)), [] { gobench::go([] {}).join(); });
        gobench::run(small_stacks(on_fibers(1)), [] { gobench::go([] { dive(0); }).join(); });
      },
      ::testing::KilledBySignal(SIGSEGV), task_sentence);
}

TEST_F(overflow_death, a_mapping_per_task) {
  gobench::options chosen = small_stacks(on_fibers(1));
  chosen.stack.strategy = gobench::stack_strategy::fixed;
  EXPECT_EXIT(gobench::run(chosen, [] { gobench::go([] { dive(0); }).join(); }),
              ::testing::KilledBySignal(SIGSEGV), task_sentence);
}

TEST_F(overflow_death, while_unwinding_on_the_callers_thread) {
  struct dives {
    ~dives() { dive(0); }
  };
  EXPECT_EXIT(
      {
        gobench::event never;
        gobench::run(small_stacks(on_fibers(1)), [&] {
          gobench::event ready;
          gobench::go([&] {
            const dives guard;
            ready.set();
            never.wait();
          });
          ready.wait();
        });
      },
      ::testing::KilledBySignal(SIGSEGV), task_sentence);
}

TEST_F(overflow_death, inside_blocking) {
  EXPECT_EXIT(gobench::run(small_stacks(on_fibers(1)),
                           [] { gobench::go([] { gobench::blocking([] { dive(0); }); }).join(); }),
              ::testing::KilledBySignal(SIGSEGV), task_sentence);
}

TEST_F(overflow_death, a_task_thread) {
  EXPECT_EXIT(
      gobench::run(small_stacks(on_threads(2)), [] { gobench::go([] { dive(0); }).join(); }),
      ::testing::KilledBySignal(SIGSEGV),
      "gobench: task [0-9]+, spawned at .*overflow_test.cpp:[0-9]+, has overflowed its stack "
      "of [0-9]+ bytes: give it a larger one");
}

TEST_F(overflow_death, the_main_task_on_its_thread) {
  EXPECT_EXIT(gobench::run(on_threads(1), [] { dive(0); }), ::testing::KilledBySignal(SIGSEGV),
              "gobench: the main task, spawned at .*overflow_test.cpp:[0-9]+, has overflowed");
}

// --- what is no overflow ---

// Without a sanitizer, which has a handler of its own: the signal itself, and not a word of ours.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define GOBENCH_PLAIN_ONLY() GTEST_SKIP() << "a sanitizer handles these signals itself"
#else
#define GOBENCH_PLAIN_ONLY() static_cast<void>(0)
#endif

__attribute__((noinline, no_sanitize("undefined"))) void write_to(std::uintptr_t address) {
  *reinterpret_cast<volatile int*>(address) = 1;
}

TEST_F(overflow_death, a_null_pointer_is_none) {
  GOBENCH_PLAIN_ONLY();
  for (const gobench::options& chosen : {on_fibers(1), on_threads(1)}) {
    EXPECT_EXIT(gobench::run(chosen, [] { gobench::go([] { write_to(0); }).join(); }),
                ::testing::KilledBySignal(SIGSEGV), "^$");
    EXPECT_EXIT(gobench::run(chosen, [] { write_to(8); }), ::testing::KilledBySignal(SIGSEGV),
                "^$");
    EXPECT_EXIT(gobench::run(chosen, [] { std::thread([] { write_to(0); }).join(); }),
                ::testing::KilledBySignal(SIGSEGV), "^$");
    EXPECT_EXIT(
        {
          gobench::run(chosen, [] {});
          write_to(0);
        },
        ::testing::KilledBySignal(SIGSEGV), "^$");
  }
}

TEST_F(overflow_death, a_wild_pointer_is_none) {
  GOBENCH_PLAIN_ONLY();
  EXPECT_EXIT(gobench::run(on_fibers(1), [] { write_to(0xdead0000); }),
              ::testing::KilledBySignal(SIGSEGV), "^$");
}

// A signal that somebody sends has no fault that would come again.
TEST_F(overflow_death, a_signal_that_was_sent_ends_the_program_as_well) {
  GOBENCH_PLAIN_ONLY();
  EXPECT_EXIT(gobench::run(on_fibers(1),
                           [] {
                             std::raise(SIGSEGV);
                             std::_Exit(0);
                           }),
              ::testing::KilledBySignal(SIGSEGV), "^$");
  EXPECT_EXIT(
      {
        gobench::run(on_fibers(1), [] {});
        ::kill(::getpid(), SIGBUS);
        std::_Exit(0);
      },
      ::testing::KilledBySignal(SIGBUS), "^$");
}

TEST_F(overflow_death, a_signal_that_is_ignored_stays_so) {
  GOBENCH_PLAIN_ONLY();
  EXPECT_EXIT(
      {
        std::signal(SIGSEGV, SIG_IGN);
        gobench::run(on_fibers(1), [] { std::raise(SIGSEGV); });
        std::_Exit(5);
      },
      ::testing::ExitedWithCode(5), "^$");
}

void leave_with_6(int) { std::_Exit(6); }
void leave_with_7(int, siginfo_t* information, void*) {
  std::_Exit(information->si_addr == nullptr ? 7 : 8);
}

TEST_F(overflow_death, the_users_handler_still_gets_what_is_not_ours) {
  EXPECT_EXIT(
      {
        std::signal(SIGSEGV, &leave_with_6);
        gobench::run(on_fibers(1), [] { gobench::go([] { write_to(0); }).join(); });
      },
      ::testing::ExitedWithCode(6), "");
  EXPECT_EXIT(
      {
        struct sigaction action {};
        action.sa_sigaction = &leave_with_7;
        action.sa_flags = SA_SIGINFO;
        ::sigaction(SIGSEGV, &action, nullptr);
        gobench::run(on_threads(1), [] { gobench::go([] { write_to(0); }).join(); });
      },
      ::testing::ExitedWithCode(7), "");
}

TEST_F(overflow_death, an_overflow_is_told_before_the_users_handler_would_be_asked) {
  EXPECT_EXIT(
      {
        std::signal(SIGSEGV, &leave_with_6);
        gobench::run(small_stacks(on_fibers(1)), [] { gobench::go([] { dive(0); }).join(); });
      },
      ::testing::KilledBySignal(SIGSEGV), task_sentence);
}

}  // namespace

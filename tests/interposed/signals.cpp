// Handlers run under the detector: edges, deferral, and everything a program may ask of them.
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <string>
#include <vector>

#include "tests/interposed/cases.hpp"

using namespace interposed;

namespace {

int value = 0;
int from_handler = 0;
sem_t handled;
std::atomic<int> calls{0};

void count_call(int) { calls.fetch_add(1, std::memory_order_relaxed); }
void read_value(int) { from_handler = value; }
void post(int) { sem_post(&handled); }

void handle(int number, void (*handler)(int), int flags = SA_RESTART) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  CHECK(sigaction(number, &action, nullptr) == 0);
}

}  // namespace

SILENT(signal_raise_runs_at_once) {
  handle(SIGUSR1, &read_value);
  value = 4;
  raise(SIGUSR1);
  CHECK(from_handler == 4);
}
SILENT(signal_sent_to_a_thread) {
  static unseen_steps steps;
  handle(SIGUSR1, [](int) {
    from_handler = value;
    steps.reach(2);
  });
  std::thread thread([] {
    steps.reach(1);
    steps.wait(2);
    CHECK(from_handler == 9);
  });
  steps.wait(1);
  value = 9;
  pthread_kill(thread.native_handle(), SIGUSR1);
  thread.join();
}
SILENT(signal_handler_set_before) {
  // What was made ready before the handler was set, for whichever thread runs it.
  static unseen_steps steps;
  value = 0;
  std::thread thread([] {
    steps.wait(1);
    kill(getpid(), SIGUSR1);
    steps.reach(2);
  });
  value = 3;
  handle(SIGUSR1, [](int) { from_handler = value; });
  steps.reach(1);
  thread.join();
  CHECK(from_handler == 3);
}
RACY(signal_handler_races_with_other_thread) {
  static unseen_steps steps;
  handle(SIGUSR1, [](int) { ++value; });
  std::thread thread([] {
    ++value;
    steps.reach(1);
    steps.wait(2);
  });
  steps.wait(1);
  raise(SIGUSR1);
  steps.reach(2);
  thread.join();
}
SILENT(signal_handler_posts) {
  sem_init(&handled, 0, 0);
  handle(SIGALRM, [](int) {
    value = 5;
    sem_post(&handled);
  });
  alarm(1);
  while (sem_wait(&handled) != 0) CHECK(errno == EINTR);
  CHECK(value == 5);
}
SILENT(signal_query_gives_the_programs_handler) {
  struct sigaction action {};
  handle(SIGUSR1, &count_call, SA_RESTART | SA_NODEFER);
  CHECK(sigaction(SIGUSR1, nullptr, &action) == 0);
  CHECK(action.sa_handler == &count_call);
  CHECK((action.sa_flags & SA_SIGINFO) == 0 && (action.sa_flags & SA_NODEFER) != 0);
  CHECK(signal(SIGUSR1, &post) == &count_call);
  CHECK(signal(SIGUSR1, SIG_IGN) == &post);
  CHECK(raise(SIGUSR1) == 0);
  CHECK(signal(SIGUSR1, SIG_DFL) == SIG_IGN);
  CHECK(signal(SIGKILL, &post) == SIG_ERR && errno == EINVAL);
  CHECK(sigaction(SIGUSR1, nullptr, &action) == 0 && action.sa_handler == SIG_DFL);
}
SILENT(signal_information) {
  static int got = 0;
  struct sigaction action {};
  action.sa_flags = SA_SIGINFO;
  action.sa_sigaction = [](int number, siginfo_t* info, void* context) {
    CHECK(context != nullptr);
    got = number * 1000 + info->si_value.sival_int;
  };
  CHECK(sigaction(SIGRTMIN + 3, &action, nullptr) == 0);
  sigval given{};
  given.sival_int = 77;
  CHECK(sigqueue(getpid(), SIGRTMIN + 3, given) == 0);
  CHECK(got == (SIGRTMIN + 3) * 1000 + 77);
}
SILENT(signal_errno_is_kept) {
  handle(SIGUSR1, [](int) { close(-1); });
  errno = 1234;
  raise(SIGUSR1);
  CHECK(errno == 1234);
}
SILENT(signal_reset_and_mask) {
  static bool blocked = false;
  struct sigaction action {};
  action.sa_handler = [](int) {
    sigset_t now;
    sigprocmask(SIG_BLOCK, nullptr, &now);
    blocked = sigismember(&now, SIGUSR2) == 1 && sigismember(&now, SIGUSR1) == 1;
  };
  sigaddset(&action.sa_mask, SIGUSR2);
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  CHECK(sigaction(SIGUSR1, &action, nullptr) == 0);
  raise(SIGUSR1);
  CHECK(blocked);
  CHECK(sigaction(SIGUSR1, nullptr, &action) == 0 && action.sa_handler == SIG_DFL);
}
SILENT(signal_wait) {
  static sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::thread thread([] {
    int number = 0;
    CHECK(sigwait(&set, &number) == 0 && number == SIGUSR1);
    CHECK(++value == 2);
    siginfo_t info;
    CHECK(sigwaitinfo(&set, &info) == SIGUSR1);
    CHECK(++value == 4);
  });
  value = 1;
  pthread_kill(thread.native_handle(), SIGUSR1);
  usleep(20000);
  sigset_t pending;
  do usleep(1000);
  while (sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1) == 1);
  static unseen_steps steps;
  (void)steps;
  thread.detach();
  _exit(0);
}
SILENT(signal_jump_out_of_handler) {
  static sigjmp_buf back;
  static volatile int jumps = 0;
  handle(SIGUSR1, [](int) { siglongjmp(back, 1); });
  for (int i = 0; i < 1000; ++i) {
    if (sigsetjmp(back, 1) == 0) {
      raise(SIGUSR1);
      CHECK(false);
    } else {
      jumps = jumps + 1;
    }
  }
  CHECK(jumps == 1000);
  both(
      [] {
        int own = 0;
        CHECK(own == 0);
      },
      [] {});
}
SILENT(signal_segmentation_fault_handled) {
  static sigjmp_buf back;
  static char stack[65536];
  stack_t other{};
  other.ss_sp = stack;
  other.ss_size = sizeof stack;
  CHECK(sigaltstack(&other, nullptr) == 0);
  handle(
      SIGSEGV, [](int) { siglongjmp(back, 1); }, SA_ONSTACK | SA_NODEFER);
  volatile int* nowhere = reinterpret_cast<volatile int*>(8);
  for (int i = 0; i < 100; ++i)
    if (sigsetjmp(back, 1) == 0) {
      *nowhere = 1;
      CHECK(false);
    }
  both([] { ++calls; }, [] { ++calls; });
}
SILENT(signal_storm) {
  // Signals come while threads allocate, lock, and go in and out of the detector; handlers take part in all.
  static std::mutex mutex;
  handle(SIGPROF, [](int) {
    count_call(0);
    char text[32];
    std::snprintf(text, sizeof text, "%d", 5);
    sem_post(&handled);
  });
  sem_init(&handled, 0, 0);
  itimerval often{};
  often.it_interval.tv_usec = 300;
  often.it_value.tv_usec = 300;
  CHECK(setitimer(ITIMER_PROF, &often, nullptr) == 0);
  const auto work = [] {
    for (int i = 0; i < 20000 || calls.load(std::memory_order_relaxed) < 20; ++i) {
      auto block = std::string(static_cast<std::size_t>(50 + i % 1000), 'a');
      const std::lock_guard guard(mutex);
      value += static_cast<int>(block.size());
    }
  };
  both(work, work);
  itimerval never{};
  setitimer(ITIMER_PROF, &never, nullptr);
  CHECK(calls.load() >= 20);
}
SILENT(signal_storm_of_threads) {
  handle(SIGUSR1, &count_call);
  static std::atomic<bool> stop{false};
  std::thread sender([] {
    while (!stop.load()) {
      kill(getpid(), SIGUSR1);
      usleep(50);
    }
  });
  for (int i = 0; i < 300; ++i) both([] { ++calls; }, [] { ++calls; });
  stop = true;
  sender.join();
}
SILENT(signal_interrupts_wait) {
  static unseen_steps steps;
  handle(SIGUSR1, &count_call, 0);
  std::thread thread([] {
    steps.reach(1);
    CHECK(usleep(60000000) == -1 && errno == EINTR);
  });
  steps.wait(1);
  usleep(20000);
  pthread_kill(thread.native_handle(), SIGUSR1);
  thread.join();
}

// fork, exec, exit and what runs at it.
#include <pthread.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <mutex>
#include <string>
#include <vector>

#include "tests/interposed/cases.hpp"

using namespace interposed;

extern char** environ;

namespace {

int value = 0;
std::mutex mutex;

int status_of(pid_t child) {
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

}  // namespace

SILENT(fork_child_goes_on) {
  const pid_t child = fork();
  if (child == 0) {
    both(
        [] {
          const std::lock_guard guard(mutex);
          ++value;
        },
        [] {
          const std::lock_guard guard(mutex);
          ++value;
        });
    _exit(value == 2 ? 0 : 1);
  }
  CHECK(status_of(child) == 0);
}
RACY(fork_child_races) {
  const pid_t child = fork();
  if (child == 0) {
    unordered([] { ++value; }, [] { ++value; });
    std::exit(0);
  }
  const int status = status_of(child);
  CHECK(status == 66);
  unordered([] { ++value; }, [] { ++value; });
}
SILENT(fork_while_others_work) {
  static std::atomic<bool> stop{false};
  std::vector<std::thread> workers;
  for (int i = 0; i < 3; ++i)
    workers.emplace_back([] {
      while (!stop.load()) {
        std::string text(300, 'x');
        const std::lock_guard guard(mutex);
        value += static_cast<int>(text.size());
      }
    });
  for (int i = 0; i < 40; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      int own = 0;
      std::thread([&] { own = 1; }).join();
      delete[] new char[1000];
      _exit(own == 1 ? 7 : 8);
    }
    CHECK(status_of(child) == 7);
  }
  stop = true;
  for (auto& worker : workers) worker.join();
}
SILENT(fork_handlers_may_lock) {
  pthread_atfork([] { mutex.lock(); }, [] { mutex.unlock(); }, [] { mutex.unlock(); });
  static std::atomic<bool> stop{false};
  std::thread worker([] {
    while (!stop.load()) {
      const std::lock_guard guard(mutex);
      ++value;
    }
  });
  for (int i = 0; i < 20; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      mutex.lock();
      _exit(3);
    }
    CHECK(status_of(child) == 3);
  }
  stop = true;
  worker.join();
}
SILENT(fork_bare) {
  const pid_t child = _Fork();
  if (child == 0) {
    ++value;
    _exit(5);
  }
  CHECK(status_of(child) == 5);
}
SILENT(vfork_and_exec) {
  const pid_t child = vfork();
  if (child == 0) {
    execl("/bin/true", "true", nullptr);
    _exit(9);
  }
  CHECK(status_of(child) == 0);
}
SILENT(spawn_and_system) {
  pid_t child = 0;
  char name[] = "true";
  char* arguments[] = {name, nullptr};
  CHECK(posix_spawn(&child, "/bin/true", nullptr, nullptr, arguments, environ) == 0);
  CHECK(status_of(child) == 0);
  CHECK(std::system("exit 3") == 3 << 8);
  FILE* output = popen("echo words", "r");
  char line[32] = {};
  CHECK(std::fgets(line, sizeof line, output) != nullptr);
  CHECK(std::strcmp(line, "words\n") == 0);
  CHECK(pclose(output) == 0);
}
SILENT(exit_status_is_the_programs) {
  for (int way = 0; way < 4; ++way) {
    const pid_t child = fork();
    if (child == 0) {
      if (way == 0) std::exit(31);
      if (way == 1) _exit(31);
      if (way == 2) std::quick_exit(31);
      std::_Exit(31);
    }
    CHECK(status_of(child) == 31);
  }
}
SILENT(exit_handlers_know_who_registered) {
  static unseen_steps steps;
  std::thread thread([] {
    value = 5;
    std::atexit([] { CHECK(++value == 6); });
    on_exit([](int, void* given) { CHECK(*static_cast<int*>(given) == 5); }, &value);
    steps.reach(1);
    steps.wait(2);
  });
  steps.wait(1);
  thread.detach();
  std::exit(0);
}
RACY(exit_handler_races) {
  static unseen_steps steps;
  std::atexit([] { ++value; });
  std::thread([] {
    ++value;
    steps.reach(1);
    steps.wait(2);
  }).detach();
  steps.wait(1);
  std::exit(0);
}
SILENT(exit_from_a_thread) {
  static unseen_steps steps;
  std::thread([] { std::exit(0); }).detach();
  steps.wait(1);
}
SILENT(exit_of_the_main_thread_only) {
  static pthread_t main_thread = pthread_self();
  std::thread([] {
    CHECK(pthread_join(main_thread, nullptr) == 0);
    CHECK(++value == 2);
    std::exit(0);
  }).detach();
  value = 1;
  pthread_exit(nullptr);
}

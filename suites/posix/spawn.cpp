// Threads and processes as the system makes them, in the suite spawn. (V1)
//
// A child process says that it was there with its exit status. os.posix_spawn starts another program, the
// smallest that every system has (false, which ends with 1): what it costs to load that is in the figure.
// Most of a process's CPU time is not the parent's, so it is not told.
#include <pthread.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>
#include <vector>

#include "suites/batches.hpp"
#include "suites/limited_cpus.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

constexpr int most_threads = 1000;
constexpr int most_processes = 10;

measurement by_pthread(const point& where, std::uint64_t iterations) {
  const limited_cpus cpus(where.procs);
  std::vector<pthread_t> batch(static_cast<std::size_t>(where.tasks));
  return timed_batches(where, iterations, [&](attendance& list) {
    for (int i = 0; i < where.tasks; ++i) {
      const auto be_there = [](void* at) -> void* {
        ++*static_cast<std::uint32_t*>(at);
        return nullptr;
      };
      const int refused =
          ::pthread_create(&batch[static_cast<std::size_t>(i)], nullptr, be_there, &list.of(i));
      if (refused != 0) {
        for (int made = 0; made < i; ++made) {
          ::pthread_join(batch[static_cast<std::size_t>(made)], nullptr);
        }
        throw std::system_error(refused, std::generic_category(), "pthread_create");
      }
    }
    for (const pthread_t one : batch) ::pthread_join(one, nullptr);
  });
}

// make() starts a process that ends with `status`.
template <class Make>
measurement processes(const point& where, std::uint64_t iterations, int status, Make make) {
  const limited_cpus cpus(where.procs);
  std::vector<pid_t> batch(static_cast<std::size_t>(where.tasks));
  measurement taken = timed_batches(where, iterations, [&](attendance& list) {
    for (pid_t& one : batch) one = make();
    for (int i = 0; i < where.tasks; ++i) {
      int ended = 0;
      while (::waitpid(batch[static_cast<std::size_t>(i)], &ended, 0) < 0 && errno == EINTR) {
      }
      if (WIFEXITED(ended) && WEXITSTATUS(ended) == status) ++list.of(i);
    }
  });
  taken.cpu_seconds = results::not_measured;
  return taken;
}

measurement by_fork(const point& where, std::uint64_t iterations) {
  constexpr int status = 42;
  return processes(where, iterations, status, [] {
    const pid_t child = ::fork();
    if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (child == 0) ::_exit(status);
    return child;
  });
}

measurement by_posix_spawn(const point& where, std::uint64_t iterations) {
  std::string name = "false";
  return processes(where, iterations, 1, [&name] {
    std::array<char*, 2> words = {name.data(), nullptr};
    pid_t child = -1;
    const int refused =
        ::posix_spawnp(&child, name.c_str(), nullptr, nullptr, words.data(), environ);
    if (refused != 0) {
      throw std::system_error(refused, std::generic_category(), "posix_spawn of false");
    }
    return child;
  });
}

const more_variants registered{"spawn",
                               {{.case_name = "spawn",
                                 .impl = "posix.thread",
                                 .run = by_pthread,
                                 .vehicles = {vehicle::thread},
                                 .applies = at_most<most_threads>},
                                {.case_name = "spawn",
                                 .impl = "os.fork",
                                 .run = by_fork,
                                 .vehicles = {vehicle::process},
                                 .applies = at_most<most_processes>},
                                {.case_name = "spawn",
                                 .impl = "os.posix_spawn",
                                 .run = by_posix_spawn,
                                 .vehicles = {vehicle::process},
                                 .applies = at_most<most_processes>}}};

}  // namespace

}  // namespace gobench::suites

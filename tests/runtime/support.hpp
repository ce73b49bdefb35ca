// What the tests of the runtime share.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <gobench.hpp>
#include <optional>
#include <string>
#include <thread>

#include "tests/primitives/on_backends.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

inline gobench::options on_fibers(int procs) {
  gobench::options chosen;
  chosen.kind = gobench::backend::fiber;
  chosen.procs = procs;
  chosen.seed = 1;
  return chosen;
}

inline gobench::options on_threads(int procs) {
  gobench::options chosen = on_fibers(procs);
  chosen.kind = gobench::backend::thread;
  return chosen;
}

inline gobench::options options_for(vehicle v) {
  return v.kind == gobench::backend::fiber ? on_fibers(v.procs) : on_threads(v.procs);
}

// Sets an environment variable (nullptr: removes it) until the end of the scope.
class scoped_env {
 public:
  scoped_env(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    if (value != nullptr) {
      ::setenv(name, value, 1);
    } else {
      ::unsetenv(name);
    }
  }
  ~scoped_env() {
    if (before_) {
      ::setenv(name_, before_->c_str(), 1);
    } else {
      ::unsetenv(name_);
    }
  }
  scoped_env(const scoped_env&) = delete;
  scoped_env& operator=(const scoped_env&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

// Confines the calling thread, and the threads that it starts, to one CPU until the end of the scope.
class one_cpu {
 public:
  one_cpu() {
    CPU_ZERO(&before_);
    if (::sched_getaffinity(0, sizeof before_, &before_) != 0) return;
    cpu_set_t one;
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (!CPU_ISSET(cpu, &before_)) continue;
      CPU_SET(cpu, &one);
      break;
    }
    set_ = ::sched_setaffinity(0, sizeof one, &one) == 0;
  }
  ~one_cpu() {
    if (set_) ::sched_setaffinity(0, sizeof before_, &before_);
  }
  one_cpu(const one_cpu&) = delete;
  one_cpu& operator=(const one_cpu&) = delete;

 private:
  cpu_set_t before_;
  bool set_ = false;
};

// While it lives, what goes to stderr comes here; a test can wait for a sentence to appear.
class stderr_reader {
 public:
  stderr_reader() {
    std::fflush(stderr);
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) std::abort();
    before_ = ::dup(STDERR_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[1]);
    from_ = ends[0];
  }
  ~stderr_reader() { stop(); }
  stderr_reader(const stderr_reader&) = delete;
  stderr_reader& operator=(const stderr_reader&) = delete;

  // Returns when `text` has come; waits for ever when it never does.
  void wait_for(const std::string& text) {
    while (seen_.find(text) == std::string::npos) read_some();
  }

  // Everything that came.
  std::string stop() {
    if (before_ >= 0) {
      std::fflush(stderr);
      ::dup2(before_, STDERR_FILENO);
      ::close(before_);
      before_ = -1;
      ::fcntl(from_, F_SETFL, O_NONBLOCK);
      while (read_some()) {
      }
      ::close(from_);
    }
    return seen_;
  }

 private:
  bool read_some() {
    std::array<char, 1024> text;
    const ssize_t got = ::read(from_, text.data(), text.size());
    if (got > 0) seen_.append(text.data(), static_cast<std::size_t>(got));
    return got > 0;
  }

  int before_ = -1;
  int from_ = -1;
  std::string seen_;
};

struct pipe_ends {
  pipe_ends() {
    if (::pipe(both.data()) != 0) std::abort();
  }
  ~pipe_ends() {
    ::close(both[0]);
    ::close(both[1]);
  }
  pipe_ends(const pipe_ends&) = delete;
  pipe_ends& operator=(const pipe_ends&) = delete;

  bool read_one() const {
    char byte = 0;
    return ::read(both[0], &byte, 1) == 1;
  }
  bool write_one() const {
    const char byte = 'x';
    return ::write(both[1], &byte, 1) == 1;
  }

  std::array<int, 2> both{};
};

// A thread of which the runtime knows nothing; calls step() until the end of the scope.
class outsider {
 public:
  template <class Step>
  explicit outsider(Step step)
      : thread_([this, step] {
          while (!stop_.load()) step();
        }) {}
  ~outsider() { stop(); }
  outsider(const outsider&) = delete;
  outsider& operator=(const outsider&) = delete;

  void stop() {
    stop_.store(true);
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

// Lines of a file under /proc: of maps, that is the number of mappings.
inline std::size_t lines_of(const char* path) {
  std::ifstream file(path);
  std::size_t lines = 0;
  for (std::string line; std::getline(file, line);) ++lines;
  return lines;
}

// Counts how often it was destroyed, moves aside.
class counts_its_end {
 public:
  explicit counts_its_end(std::atomic<int>& ends) : ends_(&ends) {}
  counts_its_end(const counts_its_end&) = delete;
  counts_its_end& operator=(const counts_its_end&) = delete;
  counts_its_end(counts_its_end&& other) noexcept : ends_(other.ends_) { other.ends_ = nullptr; }
  counts_its_end& operator=(counts_its_end&&) = delete;
  ~counts_its_end() {
    if (ends_ != nullptr) ends_->fetch_add(1);
  }

 private:
  std::atomic<int>* ends_;
};

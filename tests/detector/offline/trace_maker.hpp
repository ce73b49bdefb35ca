// Traces made up from a seed: the same seed gives the same trace on every machine.
//
// Each is one that a program could have left: locks are held by one thread at a time and released by their holder,
// a thread is forked before it runs and does nothing once it was joined.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace trace_maker {

enum class action : std::uint8_t { read, write, acquire, release, fork, join };

struct step {
  std::uint32_t thread;
  action does;
  std::uint32_t target;  // a variable, a lock or a thread
};

struct shape {
  std::uint32_t threads = 4;  // alive at a time, at most
  std::uint32_t locks = 4;    // 0: none are used
  std::uint32_t variables = 8;
  std::uint64_t events = 100;
  // Of 1000 steps so many are lock operations, forks or joins; the rest are accesses.
  std::uint32_t lock_share = 300;
  std::uint32_t fork_share = 20;
  // Of 1000 accesses so many are writes, and so many go to the variable that belongs to a lock held.
  std::uint32_t write_share = 300;
  std::uint32_t guarded_share = 500;
  // No race: half of the variables are accessed under their locks only, the others belong to one thread each.
  bool clean = false;
};

// Gives the steps one by one, so that a long trace needs no memory.
class maker {
 public:
  maker(const shape& of, std::uint64_t seed);
  // False at the end.
  bool next(step& made);

 private:
  struct thread_state {
    std::vector<std::uint32_t> held;  // locks, the last taken at the end
  };

  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
  bool chance(std::uint32_t of_1000) { return below(1000) < of_1000; }
  step access(std::uint32_t thread);
  bool lock_step(std::uint32_t thread, step& made);
  bool thread_step(std::uint32_t index, step& made);

  shape shape_;
  std::mt19937_64 random_;
  std::vector<std::uint32_t> alive_;
  std::vector<thread_state> threads_;
  std::vector<bool> taken_;  // by lock
  std::uint64_t made_ = 0;
};

std::vector<step> make(const shape& of, std::uint64_t seed);

// One line of the STD format for each, with its line number or a small number as location.
std::string line_of(const step& one, std::uint64_t location);
std::string text_of(const std::vector<step>& steps);

// A shape that the seed chooses: dense or sparse synchronisation, 1 to 64 threads.
shape shape_for(std::uint64_t seed);

}  // namespace trace_maker

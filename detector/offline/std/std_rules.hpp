// What a trace must keep to be one of a program that ran: who may do what when. The reader asks before it
// passes an event on, so that no engine meets a thread that runs after its end or a lock held twice.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gobench::detector::offline {

// What is wrong, without its place: "expected ..., but ...". Empty: all is well.
using objection = std::string;

// How a lock event counts: a lock that its holder takes again is given up by its last release.
enum class lock_step : std::uint8_t { outermost, nested, refused };

class std_rules {
 public:
  // Names for messages.
  struct naming {
    virtual ~naming() = default;
    virtual std::string thread(std::uint32_t number) const = 0;
    virtual std::string lock(std::uint32_t number) const = 0;
  };
  explicit std_rules(const naming& called) : called_(called) {}

  // Does anything at all. On false, why() says what is wrong.
  bool acts(std::uint32_t thread, std::uint64_t line) {
    if (thread >= threads_.size()) {
      threads_.push_back({.since = line});
      return true;
    }
    return threads_[thread].joined_at == 0 || refuse_after_join(thread);
  }
  lock_step acquires(std::uint32_t thread, std::uint32_t lock, std::uint64_t line) {
    if (lock >= locks_.size()) locks_.emplace_back();
    lock_state& state = locks_[lock];
    if (state.depth == 0) {
      state = {.since = line, .holder = thread, .depth = 1};
      return lock_step::outermost;
    }
    if (state.holder != thread) return refuse_held(thread, lock);
    ++state.depth;
    return lock_step::nested;
  }
  lock_step releases(std::uint32_t thread, std::uint32_t lock) {
    if (lock >= locks_.size()) locks_.emplace_back();
    lock_state& state = locks_[lock];
    if (state.depth == 0 || state.holder != thread) return refuse_release(thread, lock);
    return --state.depth == 0 ? lock_step::outermost : lock_step::nested;
  }
  bool forks(std::uint32_t thread, std::uint32_t child, std::uint64_t line);
  bool joins(std::uint32_t thread, std::uint32_t child, std::uint64_t line);

  const objection& why() const { return why_; }

 private:
  struct thread_state {
    std::uint64_t since = 0;      // line
    std::uint64_t joined_at = 0;  // line; 0: runs
    bool forked = false;
  };
  struct lock_state {
    std::uint64_t since = 0;  // line of the outermost acquire
    std::uint32_t holder = 0;
    std::uint32_t depth = 0;  // 0: nobody holds it
  };

  bool refuse_after_join(std::uint32_t thread);
  lock_step refuse_held(std::uint32_t thread, std::uint32_t lock);
  lock_step refuse_release(std::uint32_t thread, std::uint32_t lock);

  const naming& called_;
  std::vector<thread_state> threads_;
  std::vector<lock_state> locks_;
  objection why_;
};

}  // namespace gobench::detector::offline

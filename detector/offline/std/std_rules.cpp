#include "detector/offline/std/std_rules.hpp"

#include <fmt/format.h>

namespace gobench::detector::offline {

bool std_rules::refuse_after_join(std::uint32_t thread) {
  why_ = fmt::format("expected no more of {}, which was joined in line {}", called_.thread(thread),
                     threads_[thread].joined_at);
  return false;
}

lock_step std_rules::refuse_held(std::uint32_t thread, std::uint32_t lock) {
  const lock_state& state = locks_[lock];
  why_ = fmt::format("expected {} to wait for the release of {}, which {} has held since line {}",
                     called_.thread(thread), called_.lock(lock), called_.thread(state.holder),
                     state.since);
  return lock_step::refused;
}

lock_step std_rules::refuse_release(std::uint32_t thread, std::uint32_t lock) {
  const lock_state& state = locks_[lock];
  why_ = fmt::format("expected {} to hold {} before it releases it, but {}", called_.thread(thread),
                     called_.lock(lock),
                     state.depth == 0 ? std::string("nobody does")
                                      : fmt::format("{} has held it since line {}",
                                                    called_.thread(state.holder), state.since));
  return lock_step::refused;
}

bool std_rules::forks(std::uint32_t thread, std::uint32_t child, std::uint64_t line) {
  if (child >= threads_.size()) {
    threads_.push_back({.since = line, .forked = true});
    return true;
  }
  const thread_state& state = threads_[child];
  if (state.joined_at != 0) return refuse_after_join(child);
  why_ = fmt::format("expected {} to fork a thread that is new, but {} {} in line {}",
                     called_.thread(thread), called_.thread(child),
                     state.forked ? "was forked" : "already ran", state.since);
  return false;
}

bool std_rules::joins(std::uint32_t thread, std::uint32_t child, std::uint64_t line) {
  if (child >= threads_.size()) {
    threads_.emplace_back();
    why_ = fmt::format(
        "expected {} to join a thread that ran or was forked, but nothing is known of {}",
        called_.thread(thread), called_.thread(child));
    return false;
  }
  thread_state& state = threads_[child];
  if (state.joined_at != 0) return refuse_after_join(child);
  if (child == thread) {
    why_ = fmt::format("expected {} to join another thread than itself", called_.thread(thread));
    return false;
  }
  state.joined_at = line;
  return true;
}

}  // namespace gobench::detector::offline

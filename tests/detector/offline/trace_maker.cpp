#include "tests/detector/offline/trace_maker.hpp"

#include <algorithm>

namespace trace_maker {

maker::maker(const shape& of, std::uint64_t seed)
    : shape_(of), random_(seed), threads_(1), taken_(of.locks, false) {
  alive_.push_back(0);
  // Without forks all threads run from the start.
  if (of.fork_share == 0) {
    threads_.resize(of.threads);
    for (std::uint32_t i = 1; i < of.threads; ++i) alive_.push_back(i);
  }
}

// Lock i guards the variables that are i modulo the number of locks.
step maker::access(std::uint32_t thread) {
  const action does = chance(shape_.write_share) ? action::write : action::read;
  std::uint32_t variable = below(shape_.variables);
  const std::vector<std::uint32_t>& held = threads_[thread].held;
  if (shape_.clean) {
    const std::uint32_t half = shape_.variables / 2;
    const bool guarded = !held.empty() && half >= shape_.locks;
    const std::uint32_t owner = guarded ? held.back() : thread;
    const std::uint32_t step_size = guarded ? shape_.locks : shape_.threads;
    const std::uint32_t choices = half / step_size;
    if (choices > 0)
      variable = (guarded ? 0 : half) + below(choices) * step_size + owner % step_size;
    return {thread, does, variable};
  }
  if (!held.empty() && shape_.variables >= shape_.locks && chance(shape_.guarded_share)) {
    variable -= variable % shape_.locks;
    variable += held[below(static_cast<std::uint32_t>(held.size()))];
    if (variable >= shape_.variables) variable -= shape_.locks;
  }
  return {thread, does, variable};
}

bool maker::lock_step(std::uint32_t thread, step& made) {
  if (shape_.locks == 0) return false;
  std::vector<std::uint32_t>& held = threads_[thread].held;
  if (!held.empty() && (held.size() > 2 || chance(600))) {
    made = {thread, action::release, held.back()};
    taken_[held.back()] = false;
    held.pop_back();
    return true;
  }
  const std::uint32_t lock = below(shape_.locks);
  if (taken_[lock]) return false;
  taken_[lock] = true;
  held.push_back(lock);
  made = {thread, action::acquire, lock};
  return true;
}

bool maker::thread_step(std::uint32_t index, step& made) {
  const std::uint32_t thread = alive_[index];
  if (alive_.size() < shape_.threads && (alive_.size() == 1 || chance(600))) {
    const auto child = static_cast<std::uint32_t>(threads_.size());
    threads_.emplace_back();
    alive_.push_back(child);
    made = {thread, action::fork, child};
    return true;
  }
  const std::uint32_t other = below(static_cast<std::uint32_t>(alive_.size()));
  const std::uint32_t ended = alive_[other];
  if (ended == thread || !threads_[ended].held.empty()) return false;
  alive_.erase(alive_.begin() + other);
  made = {thread, action::join, ended};
  return true;
}

bool maker::next(step& made) {
  if (made_ == shape_.events) return false;
  ++made_;
  const std::uint32_t index = below(static_cast<std::uint32_t>(alive_.size()));
  const std::uint32_t thread = alive_[index];
  const std::uint32_t kind = below(1000);
  if (kind < shape_.fork_share) {
    if (thread_step(index, made)) return true;
  } else if (kind < shape_.fork_share + shape_.lock_share) {
    if (lock_step(thread, made)) return true;
  }
  made = access(thread);
  return true;
}

std::vector<step> make(const shape& of, std::uint64_t seed) {
  std::vector<step> steps;
  maker from(of, seed);
  step one{};
  while (from.next(one)) steps.push_back(one);
  return steps;
}

std::string line_of(const step& one, std::uint64_t location) {
  struct form {
    const char* operation;
    const char* prefix;
  };
  const auto of = [](action does) -> form {
    switch (does) {
      case action::read:
        return {"r", "V"};
      case action::write:
        return {"w", "V"};
      case action::acquire:
        return {"acq", "L"};
      case action::release:
        return {"rel", "L"};
      case action::fork:
        return {"fork", "T"};
      case action::join:
        return {"join", "T"};
    }
    return {};
  }(one.does);
  std::string line = "T";
  line += std::to_string(one.thread);
  line += '|';
  line += of.operation;
  line += '(';
  line += of.prefix;
  line += std::to_string(one.target);
  line += ")|";
  line += std::to_string(location);
  line += '\n';
  return line;
}

std::string text_of(const std::vector<step>& steps) {
  std::string text;
  for (std::size_t i = 0; i < steps.size(); ++i) text += line_of(steps[i], i + 1);
  return text;
}

shape shape_for(std::uint64_t seed) {
  std::mt19937_64 random(seed * 0x9e3779b97f4a7c15 + 1);
  const auto between = [&](std::uint32_t least, std::uint32_t most) {
    return least + static_cast<std::uint32_t>(random() % (most - least + 1));
  };
  shape made;
  made.threads = random() % 2 == 0 ? between(1, 6) : between(1, 64);
  made.locks = between(0, 8);
  made.variables = between(1, 24);
  made.events = between(1, random() % 16 == 0 ? 1200 : 250);
  // Dense: mostly lock operations. Sparse: nearly none.
  constexpr std::uint32_t shares[] = {10, 50, 200, 450, 700};
  made.lock_share = shares[random() % 5];
  made.fork_share = random() % 3 == 0 ? 0 : between(5, 250);
  made.write_share = between(20, 900);
  made.guarded_share = random() % 2 == 0 ? 1000 : between(0, 1000);
  return made;
}

}  // namespace trace_maker

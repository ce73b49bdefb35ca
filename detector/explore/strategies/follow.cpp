// Deviations from the default rule, and the default rule between them and to the end.
//
// The file has a line for each, in order of the steps: STEP CHOICE. CHOICE is the number of the thread that
// goes on (65535: the clock), or the value where the step is a choice of one. One that cannot be done at its step is
// passed over: whoever shrinks a schedule leaves out what others depended on.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vector>

#include "detector/explore/strategies/strategies.hpp"

namespace gobench::detector::explore {
namespace {

struct deviation {
  std::uint64_t step;
  std::uint64_t choice;
};

// False where the file cannot be read or has something else in it.
bool read_deviations(const char* path, std::vector<deviation>& into) {
  const long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  std::vector<char> text;
  char piece[4096];
  long got = 0;
  while ((got = syscall(SYS_read, fd, piece, sizeof piece)) > 0)
    text.insert(text.end(), piece, piece + got);
  syscall(SYS_close, fd);
  if (got < 0) return false;
  std::vector<std::uint64_t> numbers;
  bool inside = false;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      if (!inside) numbers.push_back(0);
      inside = true;
      numbers.back() = numbers.back() * 10 + static_cast<std::uint64_t>(c - '0');
    } else if (c == ' ' || c == '\n') {
      inside = false;
    } else {
      return false;
    }
  }
  if (numbers.size() % 2 != 0) return false;
  for (std::size_t i = 0; i != numbers.size(); i += 2) into.push_back({numbers[i], numbers[i + 1]});
  return true;
}

class follow final : public strategy {
 public:
  explicit follow(std::vector<deviation> list) : deviations_(std::move(list)) {}

  std::size_t pick(const situation& now) override {
    if (const deviation* one = at(now.step); one != nullptr) {
      for (std::size_t i = 0; i != now.enabled.size(); ++i)
        if (now.enabled[i].thread == one->choice) return i;
    }
    return default_choice(now);
  }

  std::size_t choose(std::uint64_t step, std::size_t count, operation) override {
    const deviation* one = at(step);
    return one != nullptr && one->choice < count ? one->choice : 0;
  }

 private:
  const deviation* at(std::uint64_t step) noexcept {
    while (next_ != deviations_.size() && deviations_[next_].step < step) ++next_;
    return next_ != deviations_.size() && deviations_[next_].step == step ? &deviations_[next_]
                                                                          : nullptr;
  }

  std::vector<deviation> deviations_;
  std::size_t next_ = 0;
};

}  // namespace

std::unique_ptr<strategy> make_follow(const settings& wanted, std::string_view argument) {
  std::vector<deviation> list;
  if (!argument.empty() || (wanted.follow[0] != 0 && !read_deviations(wanted.follow, list)))
    return nullptr;
  return std::make_unique<follow>(std::move(list));
}

}  // namespace gobench::detector::explore

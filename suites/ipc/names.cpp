#include "suites/ipc/names.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace gobench::suites::ipc {

namespace {

// What the guardian says once the name is there.
struct answer {
  int made = -1;
  int refused = 0;
};

int calls = 0;

bool tell(int to, const answer& what) {
  return ::write(to, &what, sizeof what) == static_cast<ssize_t>(sizeof what);
}

// Of the descriptors, only these two stay: somebody waits for the end of all others.
void keep_only(int alive, int told) {
  // Out of the way of 0 and 1, where they are put.
  const int in = ::fcntl(alive, F_DUPFD, 3);
  const int out = ::fcntl(told, F_DUPFD, 3);
  ::dup2(in, 0);
  ::dup2(out, 1);
  ::close_range(2, ~0U, 0);
}

[[noreturn]] void be_the_guardian(int alive, int told, const std::function<int()>& make,
                                  const std::function<void()>& remove) {
  ::setsid();
  for (const int one : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) ::signal(one, SIG_IGN);
  keep_only(alive, told);
  errno = 0;
  answer mine;
  mine.made = make();
  if (mine.made < 0) mine.refused = errno;
  // A user that is gone already is seen below.
  static_cast<void>(tell(1, mine));
  if (mine.made < 0) ::_exit(1);
  ::close(1);
  char nothing = 0;
  while (::read(0, &nothing, 1) != 0) {  // EINTR: once more
  }
  remove();
  ::_exit(0);
}

void await_end_of(pid_t child) noexcept {
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

kept_name::kept_name(const char* what, const std::function<int()>& make,
                     const std::function<void()>& remove) {
  const auto refuse = [&] { throw std::system_error(errno, std::generic_category(), what); };
  std::array<int, 2> alive{};
  std::array<int, 2> told{};
  if (::pipe2(alive.data(), O_CLOEXEC) != 0) refuse();
  if (::pipe2(told.data(), O_CLOEXEC) != 0) {
    ::close(alive[0]);
    ::close(alive[1]);
    refuse();
  }
  guardian_ = ::fork();
  const int refused = errno;
  if (guardian_ == 0) be_the_guardian(alive[0], told[1], make, remove);
  ::close(alive[0]);
  ::close(told[1]);
  alive_ = alive[1];
  answer said;
  ssize_t got = 0;
  while (guardian_ > 0 && (got = ::read(told[0], &said, sizeof said)) < 0 && errno == EINTR) {
  }
  ::close(told[0]);
  if (guardian_ > 0 && got == static_cast<ssize_t>(sizeof said) && said.made >= 0) {
    made_ = said.made;
    return;
  }
  release();
  errno = guardian_ < 0 ? refused : said.refused != 0 ? said.refused : ECHILD;
  refuse();
}

kept_name::~kept_name() { release(); }

void kept_name::release() noexcept {
  if (alive_ < 0) return;
  ::close(std::exchange(alive_, -1));
  if (guardian_ > 0) await_end_of(guardian_);
}

std::string unique_name() {
  return "gobench-ipc-" + std::to_string(::getpid()) + "-" + std::to_string(++calls);
}

std::string unique_path() {
  const char* folder = std::getenv("TMPDIR");
  return (folder == nullptr || *folder == '\0' ? std::string("/tmp") : std::string(folder)) + "/" +
         unique_name();
}

int next_key() noexcept {
  const auto low =
      (static_cast<std::uint32_t>(::getpid()) * 40503U + static_cast<std::uint32_t>(++calls)) &
      0xffffU;
  return static_cast<int>(static_cast<std::uint32_t>(key_prefix) << 16U | low);
}

}  // namespace gobench::suites::ipc

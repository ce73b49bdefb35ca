// What carries a number and no more: signals and eventfds. (C11)
//
// A message is up to 7 bytes. Signals are real-time ones with a value, which queue up; up to the limit of the
// user (`ulimit -i`), then the sender yields and tries again. An eventfd adds up what was written and not yet read, so
// there is no stream of messages through one. Both are otherwise used to tell that a message is elsewhere: see
// os.shm_eventfd.
#include <sched.h>
#include <sys/eventfd.h>

#include <csignal>
#include <cstring>

#include "suites/ipc/descriptors.hpp"
#include "suites/ipc/processes.hpp"

namespace gobench::suites::ipc {

namespace {

constexpr std::size_t most_bytes = 7;
constexpr std::uint64_t marker = std::uint64_t{1} << 56U;  // an eventfd tells no 0

std::uint64_t number_of(std::span<const std::byte> message) {
  std::uint64_t number = 0;
  std::memcpy(&number, message.data(), message.size());
  return number;
}

void put_number(std::uint64_t number, std::span<std::byte> room) {
  std::memcpy(room.data(), &number, room.size());
}

class by_signal : public way {
 public:
  // Blocked before the fork, so that neither process can be told too early.
  explicit by_signal(std::size_t) : number_(SIGRTMIN + 1) {
    ::sigemptyset(&awaited_);
    ::sigaddset(&awaited_, number_);
    checked(::sigprocmask(SIG_BLOCK, &awaited_, nullptr), "sigprocmask");
  }
  void begin(side, pid_t other) override { other_ = other; }

  void send(side, std::span<const std::byte> message) override {
    sigval value{};
    static_assert(sizeof value == sizeof(std::uint64_t));
    const std::uint64_t number = number_of(message);
    std::memcpy(&value, &number, sizeof value);
    while (::sigqueue(other_, number_, value) != 0) {
      if (errno != EAGAIN) refuse("sigqueue");
      ::sched_yield();
    }
  }
  void receive(side, std::span<std::byte> room) override {
    siginfo_t told{};
    while (::sigwaitinfo(&awaited_, &told) < 0) {
      if (errno != EINTR) refuse("sigwaitinfo");
    }
    std::uint64_t number = 0;
    std::memcpy(&number, &told.si_value, sizeof number);
    put_number(number, room);
  }

 private:
  int number_;
  sigset_t awaited_{};
  pid_t other_ = 0;
};

class by_eventfd : public way {
 public:
  explicit by_eventfd(std::size_t) {
    for (file& one : words_) one = file(checked(::eventfd(0, EFD_CLOEXEC), "eventfd"));
  }
  void send(side from, std::span<const std::byte> message) override {
    const std::uint64_t number = number_of(message) | marker;
    write_all(words_[ipc::index(from)].get(), std::as_bytes(std::span(&number, 1)), sizeof number);
  }
  void receive(side at, std::span<std::byte> room) override {
    std::uint64_t number = 0;
    read_all(words_[ipc::index(other(at))].get(), std::as_writable_bytes(std::span(&number, 1)),
             sizeof number);
    put_number(number, room);
  }

 private:
  std::array<file, 2> words_;
};

const more_variants signals{"ipc", between_processes<by_signal>("os.signal", most_bytes)};
const more_variants eventfds{
    "ipc", between_processes<by_eventfd>("os.eventfd", most_bytes, takes_part::in_round_trips)};

}  // namespace

}  // namespace gobench::suites::ipc

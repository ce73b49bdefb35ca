// A file with a lock: what programs did before there was anything else. (C11)
//
// A mailbox in a file for each direction, read and written under flock(). Nobody tells the other that there is
// something: each looks again and again, and yields its CPU in between.
#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>

#include "suites/ipc/descriptors.hpp"
#include "suites/ipc/names.hpp"
#include "suites/ipc/processes.hpp"

namespace gobench::suites::ipc {

namespace {

class by_locked_file : public way {
 public:
  explicit by_locked_file(std::size_t) {
    for (const side sender : {side::asks, side::answers}) {
      const std::string path = unique_path();
      kept_name name(
          "open", [&] { return ::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600); },
          [&] { ::unlink(path.c_str()); });
      // A lock belongs to who has opened the file: each side opens it for itself.
      for (file& one : files_[ipc::index(sender)])
        one = file(checked(::open(path.c_str(), O_RDWR | O_CLOEXEC), "open"));
      name.release();
      put(files_[ipc::index(sender)][0].get(), std::as_bytes(std::span(&no_message, 1)), 0);
    }
  }

  void send(side from, std::span<const std::byte> message) override {
    const int mailbox = files_[ipc::index(from)][ipc::index(from)].get();
    when(mailbox, no_message, [&] {
      put(mailbox, message, sizeof no_message);
      put(mailbox, std::as_bytes(std::span(&a_message, 1)), 0);
    });
  }
  void receive(side at, std::span<std::byte> room) override {
    const int mailbox = files_[ipc::index(other(at))][ipc::index(at)].get();
    when(mailbox, a_message, [&] {
      get(mailbox, room, sizeof a_message);
      put(mailbox, std::as_bytes(std::span(&no_message, 1)), 0);
    });
  }

 private:
  static constexpr std::uint64_t no_message = 0;
  static constexpr std::uint64_t a_message = 1;

  template <class Do>
  static void when(int mailbox, std::uint64_t wanted, Do act) {
    for (;;) {
      while (::flock(mailbox, LOCK_EX) != 0) {
        if (errno != EINTR) refuse("flock");
      }
      std::uint64_t found = 0;
      get(mailbox, std::as_writable_bytes(std::span(&found, 1)), 0);
      if (found == wanted) act();
      checked(::flock(mailbox, LOCK_UN), "flock");
      if (found == wanted) return;
      ::sched_yield();
    }
  }
  static void put(int to, std::span<const std::byte> bytes, std::size_t at) {
    while (!bytes.empty()) {
      const auto n = static_cast<std::size_t>(
          checked(::pwrite(to, bytes.data(), bytes.size(), static_cast<off_t>(at)), "pwrite"));
      bytes = bytes.subspan(n);
      at += n;
    }
  }
  static void get(int from, std::span<std::byte> bytes, std::size_t at) {
    while (!bytes.empty()) {
      const auto n = static_cast<std::size_t>(
          checked(::pread(from, bytes.data(), bytes.size(), static_cast<off_t>(at)), "pread"));
      if (n == 0) throw std::runtime_error("the file has become shorter");
      bytes = bytes.subspan(n);
      at += n;
    }
  }

  // By the side that sends, then by the side that has it open.
  std::array<std::array<file, 2>, 2> files_;
};

const more_variants registered{"ipc", between_processes<by_locked_file>("os.file_lock", any_size)};

}  // namespace

}  // namespace gobench::suites::ipc

// Message queues of POSIX and of System V. (C11)
//
// Both queue messages of at most 8 KiB here, or less where the system allows less; a longer message is several of
// them. POSIX: a queue for each direction, with room for 10 (fewer where the system says so). System V: one queue with a type for
// each direction, with the room that the system gives it (16 KiB mostly).
#include <fcntl.h>
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "suites/ipc/names.hpp"
#include "suites/ipc/processes.hpp"

namespace gobench::suites::ipc {

namespace {

constexpr std::size_t most_at_once = 8192;

// A limit of the system, or `otherwise` where it does not tell.
std::size_t limit(const char* name, std::size_t otherwise) {
  std::ifstream in(std::string("/proc/sys/") + name);
  std::size_t found = 0;
  return in >> found ? found : otherwise;
}

class by_posix_queue : public way {
 public:
  explicit by_posix_queue(std::size_t bytes)
      : piece_(std::min({bytes, most_at_once, limit("fs/mqueue/msgsize_max", most_at_once)})) {
    mq_attr how{};
    how.mq_maxmsg = static_cast<long>(std::min<std::size_t>(10, limit("fs/mqueue/msg_max", 10)));
    how.mq_msgsize = static_cast<long>(piece_);
    for (mqd_t& one : queues_) {
      const std::string path = "/" + unique_name();
      kept_name name(
          "mq_open", [&] { return ::mq_open(path.c_str(), O_CREAT | O_EXCL | O_RDWR, 0600, &how); },
          [&] { ::mq_unlink(path.c_str()); });
      one = checked(::mq_open(path.c_str(), O_RDWR), "mq_open");
      name.release();
    }
  }
  ~by_posix_queue() override {
    for (const mqd_t one : queues_) {
      if (one >= 0) ::mq_close(one);
    }
  }

  void send(side from, std::span<const std::byte> message) override {
    while (!message.empty()) {
      const auto piece = message.first(std::min(piece_, message.size()));
      while (::mq_send(queues_[ipc::index(from)], reinterpret_cast<const char*>(piece.data()),
                       piece.size(), 0) != 0) {
        if (errno != EINTR) refuse("mq_send");
      }
      message = message.subspan(piece.size());
    }
  }
  // A piece is received only where a whole one would have room: the last one may need some that the message has not.
  void receive(side at, std::span<std::byte> room) override {
    while (!room.empty()) {
      const bool fits = room.size() >= piece_;
      std::byte* const to = fits ? room.data() : scratch_.data();
      const ssize_t got = ::mq_receive(queues_[ipc::index(other(at))], reinterpret_cast<char*>(to),
                                       piece_, nullptr);
      if (got < 0 && errno == EINTR) continue;
      const auto length =
          std::min(static_cast<std::size_t>(checked(got, "mq_receive")), room.size());
      if (!fits) std::memcpy(room.data(), to, length);
      room = room.subspan(length);
    }
  }

 private:
  std::size_t piece_;
  std::array<mqd_t, 2> queues_{-1, -1};
  std::vector<std::byte> scratch_ = std::vector<std::byte>(piece_);
};

class by_system_v_queue : public way {
 public:
  explicit by_system_v_queue(std::size_t bytes)
      : piece_(std::min({bytes, most_at_once, limit("kernel/msgmax", most_at_once)})),
        scratch_(sizeof(long) + piece_) {
    name_ = std::make_unique<kept_name>(
        "msgget",
        [this] {
          do {
            id_ = ::msgget(next_key(), IPC_CREAT | IPC_EXCL | 0600);
          } while (id_ < 0 && errno == EEXIST);
          return id_;
        },
        [this] { ::msgctl(id_, IPC_RMID, nullptr); });
    id_ = name_->made();
  }

  void send(side from, std::span<const std::byte> message) override {
    while (!message.empty()) {
      const auto piece = message.first(std::min(piece_, message.size()));
      put_type(type_of(from));
      std::memcpy(scratch_.data() + sizeof(long), piece.data(), piece.size());
      while (::msgsnd(id_, scratch_.data(), piece.size(), 0) != 0) {
        if (errno != EINTR) refuse("msgsnd");
      }
      message = message.subspan(piece.size());
    }
  }
  void receive(side at, std::span<std::byte> room) override {
    while (!room.empty()) {
      const ssize_t got = ::msgrcv(id_, scratch_.data(), piece_, type_of(other(at)), 0);
      if (got < 0 && errno == EINTR) continue;
      const auto length = std::min(static_cast<std::size_t>(checked(got, "msgrcv")), room.size());
      std::memcpy(room.data(), scratch_.data() + sizeof(long), length);
      room = room.subspan(length);
    }
  }

 private:
  static long type_of(side from) { return from == side::asks ? 1 : 2; }
  void put_type(long type) { std::memcpy(scratch_.data(), &type, sizeof type); }

  std::size_t piece_;
  std::vector<std::byte> scratch_;  // a type and a piece, as the calls want them
  int id_ = -1;
  std::unique_ptr<kept_name> name_;  // to the end: without it the queue is no more
};

const more_variants posix_queues{"ipc", between_processes<by_posix_queue>("os.posix_mq", any_size)};
const more_variants system_v_queues{"ipc",
                                    between_processes<by_system_v_queue>("os.sysv_mq", any_size)};

}  // namespace

}  // namespace gobench::suites::ipc

// Shared memory with a mailbox for each direction, and what tells that it is full or empty. (C11)
//
//   os.shm_futex os.shm_semaphore os.shm_eventfd    POSIX shared memory, with a futex, a POSIX semaphore or an eventfd
//   os.sysv_shm_futex os.sysv_shm_semaphore         System V shared memory, with a futex or a System V semaphore
//   os.mapped_file                                  a file mapped by both, with a futex
//
// A message is copied into the mailbox and out of it; there is room for one, so in a stream sender and receiver take turns.
//
// Invariants
//  - There are four events, two for each mailbox: it has become empty, it has become full. Each is told and awaited
//    alternately, so each counts 0 or 1.
//  - Who has awaited "empty" owns the mailbox until it tells "full", and the other way round: the bytes are ordered by
//    whatever carries the event.
#include <semaphore.h>
#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <memory>
#include <new>

#include "suites/ipc/descriptors.hpp"
#include "suites/ipc/memory.hpp"
#include "suites/ipc/names.hpp"
#include "suites/ipc/processes.hpp"
#include "suites/posix/futex.hpp"

namespace gobench::suites::ipc {

namespace {

constexpr std::size_t events = 4;
constexpr unsigned empty_of(side sender) { return sender == side::asks ? 0 : 2; }
constexpr unsigned full_of(side sender) { return empty_of(sender) + 1; }
constexpr bool told_at_first(unsigned event) { return event % 2 == 0; }

class by_futex {
 public:
  explicit by_futex(void* shared) : words_(static_cast<words*>(shared)) {
    new (words_) words;
    for (unsigned i = 0; i < events; ++i) (*words_)[i].told.store(told_at_first(i) ? 1 : 0);
  }
  void await(unsigned event) {
    posix::futex_word& told = (*words_)[event].told;
    while (told.load() == 0) posix::futex_wait_shared(told, 0);
    told.store(0);
  }
  void tell(unsigned event) {
    (*words_)[event].told.store(1);
    posix::futex_wake_one_shared((*words_)[event].told);
  }

 private:
  struct alignas(64) word {
    posix::futex_word told{0};
  };
  using words = std::array<word, events>;
  words* words_;
};

class by_posix_semaphore {
 public:
  explicit by_posix_semaphore(void* shared) : semaphores_(static_cast<semaphores*>(shared)) {
    for (unsigned i = 0; i < events; ++i)
      checked(::sem_init(&(*semaphores_)[i].told, 1, told_at_first(i) ? 1 : 0), "sem_init");
  }
  void await(unsigned event) {
    while (::sem_wait(&(*semaphores_)[event].told) != 0) {
      if (errno != EINTR) refuse("sem_wait");
    }
  }
  void tell(unsigned event) { checked(::sem_post(&(*semaphores_)[event].told), "sem_post"); }

 private:
  struct alignas(64) semaphore {
    sem_t told;
  };
  using semaphores = std::array<semaphore, events>;
  semaphores* semaphores_;
};

class by_eventfds {
 public:
  explicit by_eventfds(void*) {
    for (unsigned i = 0; i < events; ++i)
      told_[i] = file(checked(::eventfd(told_at_first(i) ? 1 : 0, EFD_CLOEXEC), "eventfd"));
  }
  void await(unsigned event) {
    std::uint64_t once = 0;
    read_all(told_[event].get(), std::as_writable_bytes(std::span(&once, 1)), sizeof once);
  }
  void tell(unsigned event) {
    const std::uint64_t once = 1;
    write_all(told_[event].get(), std::as_bytes(std::span(&once, 1)), sizeof once);
  }

 private:
  std::array<file, events> told_;
};

class by_system_v_semaphores {
 public:
  explicit by_system_v_semaphores(void*) {
    name_ = std::make_unique<kept_name>(
        "semget",
        [this] {
          do {
            id_ = ::semget(next_key(), static_cast<int>(events), IPC_CREAT | IPC_EXCL | 0600);
          } while (id_ < 0 && errno == EEXIST);
          return id_;
        },
        [this] { ::semctl(id_, 0, IPC_RMID); });
    id_ = name_->made();
    // Linux sets new ones to 0.
    for (unsigned i = 0; i < events; ++i) {
      if (told_at_first(i)) tell(i);
    }
  }
  void await(unsigned event) { add(event, -1); }
  void tell(unsigned event) { add(event, 1); }

 private:
  void add(unsigned event, short what) {
    sembuf change{static_cast<unsigned short>(event), what, 0};
    while (::semop(id_, &change, 1) != 0) {
      if (errno != EINTR) refuse("semop");
    }
  }
  int id_ = -1;
  std::unique_ptr<kept_name> name_;  // to the end: without it they are no more
};

template <class Memory, class Events>
class by_mailboxes : public way {
 public:
  explicit by_mailboxes(std::size_t bytes)
      : bytes_(bytes), memory_(events_bytes + 2 * room_of(bytes)), events_(memory_.data()) {}

  void send(side from, std::span<const std::byte> message) override {
    events_.await(empty_of(from));
    std::memcpy(mailbox(from), message.data(), message.size());
    events_.tell(full_of(from));
  }
  void receive(side at, std::span<std::byte> room) override {
    const side sender = other(at);
    events_.await(full_of(sender));
    std::memcpy(room.data(), mailbox(sender), room.size());
    events_.tell(empty_of(sender));
  }

 private:
  static constexpr std::size_t events_bytes = 4096;
  static std::size_t room_of(std::size_t bytes) { return (bytes + 63) / 64 * 64; }
  std::byte* mailbox(side sender) const {
    return static_cast<std::byte*>(memory_.data()) + events_bytes +
           ipc::index(sender) * room_of(bytes_);
  }

  std::size_t bytes_;
  Memory memory_;
  Events events_;
};

template <class Memory, class Events>
struct registered {
  explicit registered(const char* impl)
      : made{"ipc", between_processes<by_mailboxes<Memory, Events>>(impl, any_size)} {}
  more_variants made;
};

const registered<posix_memory, by_futex> shm_futex{"os.shm_futex"};
const registered<posix_memory, by_posix_semaphore> shm_semaphore{"os.shm_semaphore"};
const registered<posix_memory, by_eventfds> shm_eventfd{"os.shm_eventfd"};
const registered<system_v_memory, by_futex> sysv_shm_futex{"os.sysv_shm_futex"};
const registered<system_v_memory, by_system_v_semaphores> sysv_shm_semaphore{
    "os.sysv_shm_semaphore"};
const registered<mapped_file, by_futex> file_mapped{"os.mapped_file"};

}  // namespace

}  // namespace gobench::suites::ipc

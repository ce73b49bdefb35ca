// Messages over a lock-free ring in POSIX shared memory (suites/ipc/ring.hpp). (C11)
//
// A message is its length and its bytes; one that is longer than the ring goes through it in parts. Nobody is told
// anything: who waits spins for a moment and then yields its CPU again and again, so a wait takes a CPU for as long as it
// lasts (see the suite waiting). With one CPU this is a race of yields.
#include "suites/ipc/ring.hpp"

#include <sched.h>

#include <array>
#include <gobench.hpp>
#include <new>
#include <stdexcept>

#include "suites/ipc/memory.hpp"
#include "suites/ipc/processes.hpp"

namespace gobench::suites::ipc {

namespace {

class by_ring : public way {
 public:
  explicit by_ring(std::size_t) : memory_(sizeof(rings)), rings_(new (memory_.data()) rings) {}

  void send(side from, std::span<const std::byte> message) override {
    byte_ring& to = (*rings_)[ipc::index(from)];
    const std::uint64_t length = message.size();
    all_of(std::as_bytes(std::span(&length, 1)), [&](auto part) { return to.write(part); });
    all_of(message, [&](auto part) { return to.write(part); });
  }
  void receive(side at, std::span<std::byte> room) override {
    byte_ring& from = (*rings_)[ipc::index(other(at))];
    std::uint64_t length = 0;
    all_of(std::as_writable_bytes(std::span(&length, 1)),
           [&](auto part) { return from.read(part); });
    if (length != room.size()) throw std::runtime_error("a message has a wrong length");
    all_of(room, [&](auto part) { return from.read(part); });
  }

 private:
  using rings = std::array<byte_ring, 2>;

  template <class Byte, class Move>
  static void all_of(std::span<Byte> bytes, Move move) {
    constexpr int spins = 200;
    for (int waited = 0; !bytes.empty();) {
      const std::size_t moved = move(bytes);
      bytes = bytes.subspan(moved);
      if (moved != 0) {
        waited = 0;
      } else if (++waited < spins) {
        runtime::cpu_pause();
      } else {
        ::sched_yield();
      }
    }
  }

  posix_memory memory_;
  rings* rings_;
};

const more_variants registered{"ipc", between_processes<by_ring>("os.shm_ring", any_size)};

}  // namespace

}  // namespace gobench::suites::ipc

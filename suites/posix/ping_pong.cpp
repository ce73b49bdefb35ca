// What the system offers for a round trip between threads or processes, in the suite ping-pong. (C5)
#include "suites/posix/futex.hpp"
#include "suites/posix/ways.hpp"
#include "suites/registry.hpp"
#include "suites/round_trips.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

struct alignas(64) futex_pair {
  posix::futex_word turn{0};  // odd: asked
  std::uint64_t number = 0;

  void pass(std::uint32_t to) {
    turn.store(to);
    posix::futex_wake_one(turn);
  }
  void wait_while(std::uint32_t seen) {
    while (turn.load() == seen) posix::futex_wait(turn, seen);
  }
  std::uint64_t ask(std::uint64_t i) {
    number = i;
    const std::uint32_t mine = turn.load() + 1;
    pass(mine);
    wait_while(mine);
    return number;
  }
  void echo() {
    std::uint32_t seen = turn.load();
    if (seen % 2 == 0) {
      wait_while(seen);
      seen = turn.load();
    }
    ++number;
    pass(seen + 1);
  }
};

measurement with_a_child(const point& where, std::uint64_t iterations) {
  posix::pipes way;
  return posix::ask_a_child(way, where, iterations);
}

template <class Way>
variant of(const char* impl) {
  return {.case_name = "round trip",
          .impl = impl,
          .run = run_pairs<Way>,
          .vehicles = {vehicle::thread},
          .applies = in_pairs};
}

const more_variants registered{"ping-pong",
                               {of<futex_pair>("os.futex"),
                                of<posix::eventfds>("os.eventfd"),
                                of<posix::pipes>("os.pipe"),
                                of<posix::sockets>("os.socketpair"),
                                {.case_name = "round trip",
                                 .impl = "os.pipe_fork",
                                 .run = with_a_child,
                                 .vehicles = {vehicle::process},
                                 .applies = [](const point& at) { return at.tasks == 2; }}}};

}  // namespace

}  // namespace gobench::suites

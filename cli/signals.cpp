#include "cli/signals.hpp"

#include <csignal>
#include <initializer_list>

namespace gobench::cli {

namespace {

volatile std::sig_atomic_t noted = 0;

extern "C" void note_signal(int number) {
  if (noted != 0) {
    std::signal(number, SIG_DFL);
    std::raise(number);
  }
  noted = number;
}

}  // namespace

void watch_signals() {
  struct sigaction action {};
  action.sa_handler = note_signal;
  // On the alternate stack where there is one: the thread at hand may be on a fiber's small stack.
  action.sa_flags = SA_RESTART | SA_ONSTACK;
  for (const int number : {SIGINT, SIGTERM}) {
    struct sigaction before {};
    ::sigaction(number, nullptr, &before);
    // Who starts a program in the background with its interrupts ignored means it.
    if (before.sa_handler != SIG_IGN) ::sigaction(number, &action, nullptr);
  }
  std::signal(SIGPIPE, SIG_DFL);
}

int noted_signal() noexcept { return noted; }

}  // namespace gobench::cli

#include "runtime/internal/quit_signal.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include "runtime/dump.hpp"
#include "runtime/instrument.hpp"
#include "runtime/internal/identity.hpp"
#include "runtime/internal/os_thread.hpp"
#include "runtime/internal/watchdog.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {
namespace {

constexpr std::size_t dump_stack_bytes = 256 * 1024;

enum class reaction : std::uint8_t { die, go_on, off };

std::atomic<bool> wanted{false};
std::atomic<bool> dies{true};
bool installed = false;  // of the one who is in run()

reaction chosen_reaction() {
  const char* text = std::getenv("GOBENCH_SIGQUIT");
  const std::string_view name(text != nullptr ? text : "");
  if (name.empty() || name == "die") return reaction::die;
  if (name == "continue") return reaction::go_on;
  if (name == "off") return reaction::off;
  throw std::invalid_argument("GOBENCH_SIGQUIT=" + std::string(name) +
                              " is neither die, continue nor off");
}

void on_quit(int) {
  wanted.store(true);
  watchdog_wake();
}

void die() noexcept {
  ::signal(SIGQUIT, SIG_DFL);
  sigset_t quit;
  ::sigemptyset(&quit);
  ::sigaddset(&quit, SIGQUIT);
  ::pthread_sigmask(SIG_UNBLOCK, &quit, nullptr);
  ::kill(::getpid(), SIGQUIT);
}

void* dump_main(void*) {
  GOBENCH_INTERNAL_SCOPE();
  become_runtime_thread();
  try {
    print_tasks();
  } catch (const std::exception&) {
    // No memory for it.
  }
  if (dies.load()) die();
  return nullptr;
}

bool is_ours(const struct sigaction& action) noexcept {
  return (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == &on_quit;
}

}  // namespace

void take_quit_signal() {
  const reaction chosen = chosen_reaction();
  dies.store(chosen != reaction::go_on);
  installed = false;
  if (chosen == reaction::off) return;
  struct sigaction before {};
  if (::sigaction(SIGQUIT, nullptr, &before) != 0) return;
  if ((before.sa_flags & SA_SIGINFO) != 0 || before.sa_handler != SIG_DFL) return;
  try {
    start_watchdog();
  } catch (const std::system_error&) {
    return;  // no thread to be had: the default action it is
  }
  struct sigaction ours {};
  ours.sa_handler = &on_quit;
  // On a stack of its own: a fiber's may have no room for it.
  ours.sa_flags = SA_RESTART | SA_ONSTACK;
  ::sigemptyset(&ours.sa_mask);
  installed = ::sigaction(SIGQUIT, &ours, nullptr) == 0;
}

void leave_quit_signal() noexcept {
  if (!installed) return;
  installed = false;
  struct sigaction now {};
  if (::sigaction(SIGQUIT, nullptr, &now) == 0 && is_ours(now)) ::signal(SIGQUIT, SIG_DFL);
  // It came with the end of the run: there is nothing to dump any more.
  if (wanted.exchange(false) && dies.load()) die();
}

void serve_quit_signal() noexcept {
  if (!wanted.load(std::memory_order_relaxed) || !wanted.exchange(false)) return;
  try {
    start_service_thread(&dump_main, nullptr, dump_stack_bytes);
  } catch (const std::exception&) {
    dump_main(nullptr);
  }
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime

// Rejected: reading DWARF here, several hundred lines for what every machine with a compiler has as a
// program; linking libdw, which users of the static library would have to link as well. Sanitizers
// start a program for this, too.
#include "runtime/internal/symbols.hpp"

#include <cxxabi.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "runtime/internal/scheduler.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {
namespace {

constexpr std::int64_t longest_ns = 20'000'000'000;
constexpr std::size_t most_addresses_a_call = 2000;

std::string hex(std::uintptr_t number) {
  std::array<char, 24> text;
  std::snprintf(text.data(), text.size(), "0x%llx", static_cast<unsigned long long>(number));
  return text.data();
}

struct module {
  std::string file;
  std::uintptr_t base = 0;
  std::vector<std::uintptr_t> addresses;  // of it, the instruction before each return
};

struct search {
  std::uintptr_t address;
  module found;
};

int look_at(dl_phdr_info* info, std::size_t, void* argument) {
  auto& wanted = *static_cast<search*>(argument);
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& part = info->dlpi_phdr[i];
    const std::uintptr_t begin = info->dlpi_addr + part.p_vaddr;
    if (part.p_type != PT_LOAD || wanted.address < begin || wanted.address >= begin + part.p_memsz)
      continue;
    wanted.found.file = info->dlpi_name;
    wanted.found.base = info->dlpi_addr;
    if (wanted.found.file.empty()) wanted.found.file = "/proc/self/exe";
    return 1;
  }
  return 0;
}

// /proc/self/exe of the child is addr2line itself.
std::string resolved(const std::string& file) {
  std::array<char, 4096> target;
  const auto length = ::readlink(file.c_str(), target.data(), target.size());
  return length <= 0 ? file : std::string(target.data(), static_cast<std::size_t>(length));
}

// What the command prints, or nothing when it cannot be started or fails.
std::string output_of(const std::vector<std::string>& command) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  std::vector<char*> arguments;
  for (const std::string& one : command) arguments.push_back(const_cast<char*>(one.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  // Our own thread blocks every signal, and ctrl-\ on the terminal means us.
  sigset_t none;
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  pid_t pid = -1;
  const int refused =
      ::posix_spawnp(&pid, arguments[0], &actions, &attributes, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  ::close(ends[1]);
  std::string text;
  if (refused == 0) {
    const std::int64_t until = now_ns() + longest_ns;
    std::array<char, 4096> piece;
    for (;;) {
      const std::int64_t left_ms = (until - now_ns()) / 1'000'000;
      pollfd ready{.fd = ends[0], .events = POLLIN, .revents = 0};
      const int polled = left_ms > 0 ? ::poll(&ready, 1, static_cast<int>(left_ms)) : 0;
      if (polled < 0 && errno == EINTR) continue;
      if (polled <= 0) {
        ::kill(pid, SIGKILL);
        text.clear();
        break;
      }
      const ssize_t got = ::read(ends[0], piece.data(), piece.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      text.append(piece.data(), static_cast<std::size_t>(got));
    }
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  ::close(ends[0]);
  return text;
}

std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// "/home/a.cpp:12 (discriminator 3)" without the end, and nothing for "??:0".
std::string place_of(std::string_view line) {
  line = line.substr(0, line.find(" ("));
  if (line.starts_with("??") || line.ends_with(":?") || line.ends_with(":0")) return {};
  return std::string(line);
}

frame_name without_help(const module& of, std::uintptr_t address) {
  Dl_info info{};
  if (::dladdr(reinterpret_cast<void*>(address), &info) != 0 && info.dli_sname != nullptr) {
    int status = 0;
    char* readable = abi::__cxa_demangle(info.dli_sname, nullptr, nullptr, &status);
    std::string name = status == 0 && readable != nullptr ? readable : info.dli_sname;
    std::free(readable);
    return {std::move(name), {}};
  }
  return {of.file + "+" + hex(address - of.base), {}};
}

// False when addr2line has told nothing.
bool ask(const module& of, std::map<std::uintptr_t, std::vector<frame_name>>& known) {
  for (std::size_t first = 0; first < of.addresses.size(); first += most_addresses_a_call) {
    const std::size_t end = std::min(first + most_addresses_a_call, of.addresses.size());
    std::vector<std::string> command = {"addr2line", "-a", "-f", "-C", "-i", "-e", of.file};
    for (std::size_t i = first; i < end; ++i) command.push_back(hex(of.addresses[i] - of.base));
    const std::string answer = output_of(command);
    std::string_view rest = answer;
    std::size_t at = first;
    while (!rest.empty()) {
      std::string_view line = next_line(rest);
      if (line.starts_with("0x")) {
        if (at == end) return false;
        ++at;
        continue;
      }
      if (at == first) return false;
      const std::string place = place_of(next_line(rest));
      const std::uintptr_t address = of.addresses[at - 1];
      if (line == "??") {
        known[address + 1].push_back(without_help(of, address));
      } else {
        known[address + 1].push_back({std::string(line), place});
      }
    }
    if (at != end) return false;
  }
  return true;
}

}  // namespace

std::map<std::uintptr_t, std::vector<frame_name>> symbolise(
    std::span<const std::uintptr_t> return_addresses, bool& lines_known) {
  std::map<std::uintptr_t, module> modules;  // by base
  std::map<std::uintptr_t, std::vector<frame_name>> known;
  for (const std::uintptr_t after : return_addresses) {
    if (!known.try_emplace(after).second) continue;
    // A call at the end of a function returns to the next one.
    search wanted{after - 1, {}};
    if (::dl_iterate_phdr(&look_at, &wanted) == 0) {
      known[after] = {{hex(after), {}}};
      continue;
    }
    module& of = modules.try_emplace(wanted.found.base, wanted.found).first->second;
    of.addresses.push_back(wanted.address);
  }
  const char* chosen = std::getenv("GOBENCH_SYMBOLIZER");
  const bool off = chosen != nullptr && std::string_view(chosen) == "off";
  lines_known = true;
  for (auto& [base, of] : modules) {
    of.file = resolved(of.file);
    if (!off && ask(of, known)) continue;
    lines_known = false;
    for (const std::uintptr_t address : of.addresses)
      known[address + 1] = {without_help(of, address)};
  }
  return known;
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime

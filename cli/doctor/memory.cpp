#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "cli/doctor/check.hpp"

namespace gobench::cli::doctor {

namespace {

diagnosis huge_pages(const sysroot& machine) {
  diagnosis one{.name = "thp"};
  const std::string text = machine.read("/sys/kernel/mm/transparent_hugepage/enabled").value_or("");
  const std::size_t open = text.find('[');
  const std::size_t close = text.find(']');
  const std::string mode = open == std::string::npos || close == std::string::npos
                               ? std::string("not in this kernel")
                               : text.substr(open + 1, close - open - 1);
  one.found = mode;
  if (mode != "always") {
    one.effect = "A page that is touched costs a page, so that memory per task is what it says.";
    return one;
  }
  one.state = mark::warning;
  one.effect =
      "The kernel may back a stack that uses 4 KiB with 2 MiB, and joins pages in the background: "
      "memory per task and the time of first touches vary.";
  one.advice =
      "For measurements of memory: echo madvise | sudo tee "
      "/sys/kernel/mm/transparent_hugepage/enabled.";
  return one;
}

diagnosis mappings(const sysroot& machine) {
  diagnosis one{.name = "mappings"};
  const auto most = machine.number("/proc/sys/vm/max_map_count");
  if (!most) {
    one.found = "cannot be seen from here";
    one.effect =
        "The number of mappings limits how many stacks can have a guard page of their own.";
    return one;
  }
  one.found = fmt::format("{} at most in a process", *most);
  constexpr std::int64_t plenty = 1'000'000;
  if (*most >= plenty) {
    one.effect = "Enough for a guard page below each of several hundred thousand stacks.";
    return one;
  }
  one.state = mark::warning;
  one.effect = fmt::format(
      "Stacks guarded by mprotect take two mappings each: beyond some {} tasks stacks go without a "
      "guard page, and OS threads cannot be created at all.",
      *most / 2);
  one.advice = "For more tasks than that: sudo sysctl vm.max_map_count=2000000.";
  return one;
}

diagnosis overcommit(const sysroot& machine) {
  diagnosis one{.name = "overcommit"};
  const auto mode = machine.number("/proc/sys/vm/overcommit_memory");
  if (!mode) {
    one.found = "cannot be seen from here";
    one.effect = "Where address space counts as memory, fewer stacks can be reserved.";
    return one;
  }
  one.found = fmt::format("vm.overcommit_memory is {}", *mode);
  if (*mode != 2) {
    one.effect = "Reserved stacks cost no memory until they are touched.";
    return one;
  }
  one.state = mark::warning;
  one.effect =
      "Every reserved stack counts as memory in full, so that far fewer tasks fit than on other "
      "machines.";
  one.advice = "For measurements with many tasks: sudo sysctl vm.overcommit_memory=0.";
  return one;
}

// MADV_GUARD_INSTALL (Linux 6.13), which older headers do not name.
diagnosis guard_pages(const sysroot& machine) {
  diagnosis one{.name = "guards"};
  constexpr int madv_guard_install = 102;
  bool there = false;
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* memory = machine.real() ? ::mmap(nullptr, page, PROT_READ | PROT_WRITE,
                                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                                : MAP_FAILED;
  if (memory != MAP_FAILED) {
    there = ::madvise(memory, page, madv_guard_install) == 0;
    ::munmap(memory, page);
  }
  if (there) {
    one.found = "MADV_GUARD_INSTALL is there";
    one.effect = "A guard page costs no mapping, so that every stack can have one.";
    return one;
  }
  one.state = mark::warning;
  one.found = "MADV_GUARD_INSTALL is missing";
  one.effect =
      "Guard pages are made with mprotect, which takes longer and two mappings for each stack.";
  one.advice = "Use Linux 6.13 or newer where very many tasks matter.";
  return one;
}

}  // namespace

std::vector<diagnosis> check_memory(const sysroot& machine) {
  return {huge_pages(machine), mappings(machine), overcommit(machine), guard_pages(machine)};
}

}  // namespace gobench::cli::doctor

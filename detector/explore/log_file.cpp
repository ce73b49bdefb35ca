#include "detector/explore/log_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstring>

#include "detector/engine/memory.hpp"
#include "detector/explore/options.hpp"
#include "detector/interpose/modules.hpp"

// Made by the linker: where the object that this is linked into begins.
extern "C" [[gnu::visibility("hidden")]] const char __ehdr_start[];

namespace gobench::detector::explore::log_file {
namespace {

// By raw calls: the program's descriptors and mappings are interposed.
constinit long fd = -1;
constinit log_header* header = nullptr;
constinit std::size_t room = 0;   // of the mapping
constinit std::size_t bytes = 0;  // of the file
constinit std::size_t used = 0;

constexpr std::size_t first_bytes = std::size_t{64} << 10;

[[noreturn]] void fail(const char* path) noexcept {
  static char sentence[600];
  std::snprintf(sentence, sizeof sentence,
                "the log of the schedule cannot be written to %.400s; give a file in a folder that "
                "can be written to, on a file system with room",
                path);
  die(sentence);
}

bool grow_to(std::size_t wanted) noexcept {
  if (wanted > room) wanted = room;
  if (syscall(SYS_ftruncate, fd, wanted) != 0) return false;
  bytes = wanted;
  return true;
}

}  // namespace

void open(const char* path) noexcept {
  // All at once, whether there is a file or not: what the program maps later lies where it does in other schedules.
  constexpr std::size_t page = 4096;
  room = (sizeof(log_header) + (option_values.steps + 2) * sizeof(log_record) + page - 1) / page *
         page;
  if (path[0] == 0) {
    syscall(SYS_mmap, nullptr, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return;
  }
  const long opened =
      syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (opened < 0) fail(path);
  // Out of the way of the program's own, whose numbers do not depend on whether a log is written.
  fd = syscall(SYS_fcntl, opened, F_DUPFD_CLOEXEC, 900);
  if (fd >= 0)
    syscall(SYS_close, opened);
  else
    fd = opened;
  if (!grow_to(first_bytes)) fail(path);
  const long at = syscall(SYS_mmap, nullptr, room, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at == -1) fail(path);
  header = reinterpret_cast<log_header*>(at);
  std::memcpy(header->magic, log_magic, sizeof log_magic);
  header->version = log_version;
  header->record_size = sizeof(log_record);
  header->program_base = reinterpret_cast<std::uintptr_t>(__ehdr_start);
  header->program_end = interpose::internal::program_start + interpose::internal::program_size;
  used = sizeof(log_header);
}

void append(const log_record& record) noexcept {
  if (header == nullptr) return;
  if (used + sizeof record > bytes && (!grow_to(bytes * 2) || used + sizeof record > bytes)) return;
  std::memcpy(reinterpret_cast<char*>(header) + used, &record, sizeof record);
  used += sizeof record;
  if ((record.flags & flag_open) != 0) ++header->open_choices;
  // Release: whoever reads the file while the process runs finds the record whole.
  __atomic_store_n(&header->count, header->count + 1, __ATOMIC_RELEASE);
}

void end(end_reason why, int exit_status, std::uint64_t virtual_ns,
         std::uint32_t threads) noexcept {
  if (header == nullptr) return;
  header->exit_status = exit_status;
  header->virtual_ns = virtual_ns;
  header->threads = threads;
  std::atomic_ref(header->end).store(why, std::memory_order_release);
  leave();
  syscall(SYS_ftruncate, fd, used);
  syscall(SYS_close, fd);
  fd = -1;
}

void leave() noexcept {
  if (header == nullptr) return;
  syscall(SYS_munmap, header, room);
  header = nullptr;
}

}  // namespace gobench::detector::explore::log_file

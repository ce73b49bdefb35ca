#include "detector/interpose/descriptors.hpp"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>

#include "detector/interpose/modules.hpp"

namespace gobench::detector::interpose::descriptors {
namespace {

// 16 bytes: as much as an object of the engine has to itself.
struct alignas(16) place {
  std::atomic<bool> watched;
};

constexpr std::size_t alone_places = 4096;
constexpr std::size_t inode_places = 4096;
constexpr std::size_t most_descriptors = 65536;

constinit std::array<place, alone_places> alone{};
constinit std::array<place, inode_places> by_inode{};
constinit place sockets{};
constinit place devices{};
constinit place waiting{};
constinit place system_v{};
constinit std::atomic<std::uint32_t> next_alone{0};
constinit std::atomic<bool> moved_between_processes{false};
// 0: found by inode; else the number of a place in `alone`, plus 1.
constinit std::array<std::atomic<std::uint16_t>, most_descriptors> carried{};

bool in_table(int fd) noexcept {
  return fd >= 0 && static_cast<std::size_t>(fd) < most_descriptors;
}

// Relaxed, here and below: a descriptor is made known to other threads by the program, which orders it.
void carry(int fd, std::uint16_t what) noexcept {
  if (in_table(fd)) carried[static_cast<std::size_t>(fd)].store(what, std::memory_order_relaxed);
}
std::uint16_t carries(int fd) noexcept {
  return in_table(fd) ? carried[static_cast<std::size_t>(fd)].load(std::memory_order_relaxed)
                      : std::uint16_t{0};
}

std::uint16_t fresh_place() noexcept {
  return static_cast<std::uint16_t>(
      next_alone.fetch_add(1, std::memory_order_relaxed) % alone_places + 1);
}

// The C library's fstat is not needed, but its errno is the program's.
place& found_by_inode(int fd) noexcept {
  struct stat about {};
  const int error = errno;
  const bool failed = ::syscall(SYS_fstat, fd, &about) != 0;
  errno = error;
  if (failed || S_ISCHR(about.st_mode)) return devices;
  if (S_ISSOCK(about.st_mode)) return sockets;
  const std::uint64_t mixed = (about.st_ino * 31 + about.st_dev) * 0x9E3779B97F4A7C15u;
  return by_inode[mixed >> 52];
}
static_assert(inode_places == std::size_t{1} << 12);

place& place_of(int fd) noexcept {
  const std::uint16_t number = carries(fd);
  return number != 0 ? alone[number - std::size_t{1}] : found_by_inode(fd);
}

bool is_pair(int fd) noexcept { return carries(fd) != 0; }

}  // namespace

int opened(int fd) noexcept {
  if (fd < 0 || is_internal()) return fd;
  carry(fd, 0);
  return fd;
}

int opened_alone(int fd) noexcept {
  if (fd < 0 || is_internal()) return fd;
  carry(fd, fresh_place());
  return fd;
}

void opened_pair(int first, int second) noexcept {
  if (is_internal()) return;
  const std::uint16_t shared = fresh_place();
  carry(first, shared);
  carry(second, shared);
}

int duplicated(int from, int to) noexcept {
  if (to < 0 || from == to || is_internal()) return to;
  carry(to, carries(from));
  return to;
}

void closing(int fd) noexcept {
  if (fd < 0 || is_internal()) return;
  written(fd);  // the other end sees the end of what comes
  carry(fd, 0);
}

// A socket of a pair may be known at its other end under a descriptor that came in a message, and there as a
// socket like any other.
void written(int fd) noexcept {
  if (fd < 0 || is_internal()) return;
  place& to = place_of(fd);
  release_merge(&to);
  if (is_pair(fd)) release_merge(&sockets);
  if (to.watched.load(std::memory_order_acquire)) release_merge(&waiting);  // pairs with `watched`
}

void was_read(int fd) noexcept {
  if (fd < 0 || is_internal()) return;
  acquire(&place_of(fd));
  if (is_pair(fd) && moved_between_processes.load(std::memory_order_relaxed)) acquire(&sockets);
}

// What was written before somebody watched reaches the waiting ones through the caller.
void watched(int epoll, int fd) noexcept {
  if (is_internal()) return;
  place& of = place_of(fd);
  of.watched.store(true, std::memory_order_release);
  acquire(&of);
  release_merge(&waiting);
  written(epoll);
}

void events_seen() noexcept {
  if (!is_internal()) acquire(&waiting);
}

void received_in_message() noexcept {
  moved_between_processes.store(true, std::memory_order_relaxed);
}

const void* queues() noexcept { return &system_v; }

void buffer_read(const void* buffer, std::size_t size, address pc) noexcept {
  if (size != 0 && !is_internal() && judged(pc)) read_range(buffer, size, pc);
}

void buffer_written(const void* buffer, std::size_t size, address pc) noexcept {
  if (size != 0 && !is_internal() && judged(pc)) write_range(buffer, size, pc);
}

void buffers_read(const iovec* buffers, std::size_t count, address pc) noexcept {
  if (is_internal() || !judged(pc)) return;
  for (std::size_t i = 0; i < count; ++i)
    if (buffers[i].iov_len != 0) read_range(buffers[i].iov_base, buffers[i].iov_len, pc);
}

void buffers_written(const iovec* buffers, std::size_t count, std::size_t size,
                     address pc) noexcept {
  if (is_internal() || !judged(pc)) return;
  for (std::size_t i = 0; i < count && size != 0; ++i) {
    const std::size_t part = buffers[i].iov_len < size ? buffers[i].iov_len : size;
    if (part != 0) write_range(buffers[i].iov_base, part, pc);
    size -= part;
  }
}

}  // namespace gobench::detector::interpose::descriptors

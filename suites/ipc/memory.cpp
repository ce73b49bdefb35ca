#include "suites/ipc/memory.hpp"

#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "suites/ipc/descriptors.hpp"
#include "suites/ipc/names.hpp"
#include "suites/ipc/way.hpp"

namespace gobench::suites::ipc {

namespace {

int opened_segment() {
  const std::string path = "/" + unique_name();
  kept_name name(
      "shm_open", [&] { return ::shm_open(path.c_str(), O_CREAT | O_EXCL | O_RDWR, 0600); },
      [&] { ::shm_unlink(path.c_str()); });
  return checked(::shm_open(path.c_str(), O_RDWR, 0600), "shm_open");
}

int opened_file() {
  const std::string path = unique_path();
  kept_name name(
      "open", [&] { return ::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600); },
      [&] { ::unlink(path.c_str()); });
  return checked(::open(path.c_str(), O_RDWR | O_CLOEXEC), "open");
}

}  // namespace

mapping::mapping(int fd, std::size_t bytes) : bytes_(bytes) {
  const file held(fd);
  if (const int refused = ::posix_fallocate(fd, 0, static_cast<off_t>(bytes)); refused != 0)
    throw std::system_error(refused, std::generic_category(), "posix_fallocate");
  at_ = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at_ == MAP_FAILED) refuse("mmap");
}

mapping::~mapping() { ::munmap(at_, bytes_); }

posix_memory::posix_memory(std::size_t bytes) : mapping(opened_segment(), bytes) {}

mapped_file::mapped_file(std::size_t bytes) : mapping(opened_file(), bytes) {}

system_v_memory::system_v_memory(std::size_t bytes) {
  int id = -1;
  kept_name name(
      "shmget",
      [&] {
        do {
          id = ::shmget(next_key(), bytes, IPC_CREAT | IPC_EXCL | 0600);
        } while (id < 0 && errno == EEXIST);
        return id;
      },
      [&] { ::shmctl(id, IPC_RMID, nullptr); });
  // Removed, it stays as long as it is attached.
  at_ = ::shmat(name.made(), nullptr, 0);
  if (at_ == reinterpret_cast<void*>(-1)) refuse("shmat");
}

system_v_memory::~system_v_memory() { ::shmdt(at_); }

}  // namespace gobench::suites::ipc

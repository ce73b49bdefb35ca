#include "detector/engine/recording.hpp"

#include <elf.h>
#include <link.h>

#include <cstring>

#include "detector/engine/internal.hpp"
#include "detector/engine/memory.hpp"
#include "detector/offline/recording/writer.hpp"

namespace gobench::detector::recording {

bool on = false;

namespace {

using offline::record_kind;

constinit offline::recording_writer writer;
constinit spin_lock writer_lock;
constinit bool told = false;

// Around one event.
class event {
 public:
  event() noexcept { writer_lock.lock(); }
  ~event() {
    writer_lock.unlock();
    if (writer.error() != 0 && !told) {
      told = true;
      on = false;
      die("the recording could not be written on: look for room on its disk, or record a shorter "
          "run");
    }
  }
  event(const event&) = delete;
  event& operator=(const event&) = delete;

 private:
  internal_mark inside_;
};

struct build_id {
  const unsigned char* bytes = nullptr;
  std::size_t size = 0;
};

build_id find_build_id(const dl_phdr_info& module) {
  for (int i = 0; i != module.dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = module.dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    const auto* at = reinterpret_cast<const unsigned char*>(module.dlpi_addr + segment.p_vaddr);
    const unsigned char* const last = at + segment.p_memsz;
    while (at + sizeof(ElfW(Nhdr)) <= last) {
      ElfW(Nhdr) note;
      std::memcpy(&note, at, sizeof note);
      const unsigned char* const name = at + sizeof note;
      const unsigned char* const text = name + ((note.n_namesz + 3) & ~3u);
      if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && std::memcmp(name, "GNU", 4) == 0)
        return {text, note.n_descsz};
      at = text + ((note.n_descsz + 3) & ~3u);
    }
  }
  return {};
}

int write_module(dl_phdr_info* module, std::size_t, void* executable) {
  address low = ~address{0}, high = 0;
  for (int i = 0; i != module->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = module->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD) continue;
    low = segment.p_vaddr < low ? segment.p_vaddr : low;
    high = segment.p_vaddr + segment.p_memsz > high ? segment.p_vaddr + segment.p_memsz : high;
  }
  if (high == 0) return 0;
  const char* path = module->dlpi_name != nullptr && module->dlpi_name[0] != 0
                         ? module->dlpi_name
                         : static_cast<const char*>(executable);
  const build_id id = find_build_id(*module);
  writer.module(module->dlpi_addr, high, path, id.bytes, id.size);
  return 0;
}

std::uint64_t number(const task_state& task) { return task.number; }

}  // namespace

void start(const char* path) noexcept {
  if (!writer.open(path))
    die("the file of option 'record' cannot be written: name one in a folder that is there");
  modules_changed();
  on = true;
}

void modules_changed() noexcept {
  if (!writer.is_open()) return;
  const internal_mark inside;
  static char executable[4096];
  if (executable[0] == 0) {
    const long size = readlink("/proc/self/exe", executable, sizeof executable - 1);
    if (size > 0) executable[size] = 0;
  }
  const event writing;
  dl_iterate_phdr(&write_module, executable);
}

void stop() noexcept {
  if (!on) return;
  on = false;
  const internal_mark inside;
  locked guard(writer_lock);
  writer.close();
}

void after_fork_in_child() noexcept {
  on = false;
  writer_lock.reset();
  writer.abandon();
}

namespace internal {

void access(const task_state& task, cell kind, address where, std::size_t size,
            address pc) noexcept {
  const event writing;
  const bool atomic = (kind & cell_atomic) != 0;
  const record_kind what = (kind & cell_read) != 0
                               ? (atomic ? record_kind::atomic_read : record_kind::read)
                               : (atomic ? record_kind::atomic_write : record_kind::write);
  writer.access(what, number(task), where, size, pc);
}

void sync(const task_state& task, step what, std::uint64_t object) noexcept {
  const event writing;
  switch (what) {
    case step::acquire:
      writer.sync(record_kind::acquire, number(task), object, 0);
      break;
    case step::release:
      writer.sync(record_kind::release, number(task), object, 0);
      break;
    case step::release_merge:
      writer.sync(record_kind::release_merge, number(task), object, 0);
      break;
    case step::forget:
      writer.sync(record_kind::forget_object, number(task), object, 0);
      break;
  }
}

void transfer(const task_state& task, std::uint64_t from, std::uint64_t to, bool merge) noexcept {
  const event writing;
  writer.transfer(merge ? record_kind::transfer_merge : record_kind::transfer, number(task), from,
                  to, 0);
}

void fork(const task_state& parent, const task_state& child) noexcept {
  const event writing;
  writer.fork(number(parent), number(child), 0);
}

void join(const task_state& task, const task_state& child) noexcept {
  const event writing;
  writer.join(number(task), number(child), 0);
}

void end(const task_state& task) noexcept {
  const event writing;
  writer.task_end(number(task));
}

void name(const task_state& task) noexcept {
  const event writing;
  writer.task_name(number(task), task.name);
}

void fresh(const task_state& task, address low, std::size_t size) noexcept {
  const event writing;
  writer.memory_new(number(task), low, size);
}

void freed(const task_state& task, address low, std::size_t size, address pc) noexcept {
  const event writing;
  writer.memory_freed(number(task), low, size, pc);
}

}  // namespace internal
}  // namespace gobench::detector::recording

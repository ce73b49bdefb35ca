#include "cli/race/program_file.hpp"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include "cli/child_process.hpp"
#include "cli/failure.hpp"
#include "cli/race/messages.hpp"

namespace gobench::cli::race {

namespace {

// A file as memory, for reading.
class mapped_file {
 public:
  explicit mapped_file(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat about {};
    if (fd >= 0 && ::fstat(fd, &about) == 0 && about.st_size > 0) {
      size_ = static_cast<std::size_t>(about.st_size);
      void* mapped = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd, 0);
      if (mapped != MAP_FAILED) data_ = static_cast<const char*>(mapped);
    }
    if (fd >= 0) ::close(fd);
  }
  mapped_file(const mapped_file&) = delete;
  mapped_file& operator=(const mapped_file&) = delete;
  ~mapped_file() {
    if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
  }

  std::string_view text() const { return data_ == nullptr ? "" : std::string_view(data_, size_); }

 private:
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

// The structure at `offset`; nothing when the file ends before it does.
template <typename Structure>
std::optional<Structure> at(std::string_view file, std::uint64_t offset) {
  if (offset > file.size() || file.size() - offset < sizeof(Structure)) return std::nullopt;
  Structure made;
  std::memcpy(&made, file.data() + offset, sizeof made);
  return made;
}

struct elf_facts {
  bool interpreter = false;
  std::vector<std::string> needed;  // libraries by their names
};

elf_facts facts_of(std::string_view file, const Elf64_Ehdr& header) {
  std::vector<Elf64_Phdr> segments;
  for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
    const auto segment = at<Elf64_Phdr>(file, header.e_phoff + i * header.e_phentsize);
    if (segment) segments.push_back(*segment);
  }
  const auto offset_of = [&](std::uint64_t address) -> std::uint64_t {
    for (const Elf64_Phdr& one : segments) {
      if (one.p_type == PT_LOAD && address >= one.p_vaddr && address - one.p_vaddr < one.p_filesz) {
        return address - one.p_vaddr + one.p_offset;
      }
    }
    return file.size();
  };
  elf_facts made;
  for (const Elf64_Phdr& segment : segments) {
    made.interpreter = made.interpreter || segment.p_type == PT_INTERP;
    if (segment.p_type != PT_DYNAMIC) continue;
    std::uint64_t names = 0;
    std::vector<std::uint64_t> needed;
    for (std::uint64_t offset = 0; offset < segment.p_filesz; offset += sizeof(Elf64_Dyn)) {
      const auto entry = at<Elf64_Dyn>(file, segment.p_offset + offset);
      if (!entry || entry->d_tag == DT_NULL) break;
      if (entry->d_tag == DT_STRTAB) names = offset_of(entry->d_un.d_ptr);
      if (entry->d_tag == DT_NEEDED) needed.push_back(entry->d_un.d_val);
    }
    for (const std::uint64_t name : needed) {
      if (names + name >= file.size()) continue;
      const std::string_view rest = file.substr(names + name);
      made.needed.emplace_back(rest.substr(0, rest.find('\0')));
    }
  }
  return made;
}

bool has(std::string_view file, std::string_view part) {
  return ::memmem(file.data(), file.size(), part.data(), part.size()) != nullptr;
}

}  // namespace

std::string find_program(const std::string& typed) {
  const auto path = found_on_path(typed);
  struct stat about {};
  if (!path) {
    const bool folder = ::stat(typed.c_str(), &about) == 0 && S_ISDIR(about.st_mode);
    throw environment_error(folder ? messages::program_is_folder(typed)
                                   : messages::no_program(typed));
  }
  if (::stat(path->c_str(), &about) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) throw environment_error(messages::no_program(typed));
    throw environment_error(messages::unreachable_program(typed, std::strerror(errno)));
  }
  if (S_ISDIR(about.st_mode)) throw environment_error(messages::program_is_folder(typed));
  if (!S_ISREG(about.st_mode) || ::access(path->c_str(), X_OK) != 0) {
    throw environment_error(messages::not_executable(typed));
  }
  return *path;
}

program_kind look_at(const std::string& path) {
  const mapped_file mapped(path);
  const std::string_view file = mapped.text();
  if (file.empty() && ::access(path.c_str(), R_OK) != 0) return program_kind::checked;
  if (!file.starts_with(ELFMAG)) return program_kind::script;
  const auto header = at<Elf64_Ehdr>(file, 0);
  if (!header || header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_machine != EM_X86_64) {
    return program_kind::other_machine;
  }
  const elf_facts facts = facts_of(file, *header);
  if (!facts.interpreter) return program_kind::statically_linked;

  // Symbols may have been stripped. The detector reads this variable, so its name is in there anyway.
  bool ours = has(file, "GOBENCH_RACE");
  bool theirs = false;
  for (const std::string& name : facts.needed) {
    ours = ours || name.starts_with("libgobench_check") || name.starts_with("libgobench_detector");
    theirs = theirs || name.starts_with("libtsan.so") || name.starts_with("libclang_rt.tsan");
  }
  // clang links its own statically.
  theirs = theirs || (!ours && has(file, "ThreadSanitizer: "));
  if (ours) return theirs ? program_kind::both_detectors : program_kind::checked;
  return theirs ? program_kind::foreign_detector : program_kind::plain;
}

}  // namespace gobench::cli::race

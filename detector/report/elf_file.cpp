#include "detector/report/elf_file.hpp"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <gelf.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace gobench::detector::reporting {
namespace {

// Mapped whole and without a descriptor of ours left open: the program may count or close its descriptors.
Elf* open_elf(const std::string& path, Dwarf** dwarf) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return nullptr;
  Elf* elf = ::elf_begin(file, ELF_C_READ_MMAP_PRIVATE, nullptr);
  if (elf != nullptr && ::elf_kind(elf) != ELF_K_ELF) {
    ::elf_end(elf);
    elf = nullptr;
  }
  if (elf != nullptr) {
    // While the descriptor is open: libdw finds split and shared debug information by where it leads.
    if (dwarf != nullptr) *dwarf = ::dwarf_begin_elf(elf, DWARF_C_READ, nullptr);
    if (::elf_cntl(elf, ELF_C_FDREAD) != 0) ::elf_cntl(elf, ELF_C_FDDONE);
  }
  ::close(file);
  return elf;
}

bool has_debug_section(Elf* elf) {
  std::size_t names = 0;
  if (::elf_getshdrstrndx(elf, &names) != 0) return false;
  for (Elf_Scn* section = nullptr; (section = ::elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr header;
    if (::gelf_getshdr(section, &header) == nullptr || header.sh_type == SHT_NOBITS) continue;
    const char* name = ::elf_strptr(elf, names, header.sh_name);
    if (name == nullptr) continue;
    if (std::string_view(name) == ".debug_info" || std::string_view(name) == ".zdebug_info")
      return true;
  }
  return false;
}

std::string build_id_of(Elf* elf) {
  const void* bits = nullptr;
  const ssize_t length = ::dwelf_elf_gnu_build_id(elf, &bits);
  if (length <= 1) return {};
  std::string text;
  for (ssize_t i = 0; i < length; ++i) {
    const unsigned byte = static_cast<const unsigned char*>(bits)[i];
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

// Of the names of one address: global ones before local ones, and those without a leading underscore (memcpy,
// not __memcpy) before those with it.
unsigned rank_of(const GElf_Sym& symbol, std::string_view name) {
  unsigned rank = 0;
  const unsigned binding = GELF_ST_BIND(symbol.st_info);
  if (binding == STB_GLOBAL) rank += 4;
  if (binding == STB_WEAK) rank += 2;
  if (name[0] != '_' || name.substr(0, 2) == "_Z") rank += 8;
  return rank;
}

void sort_symbols(std::vector<elf_symbol>& symbols) {
  std::sort(symbols.begin(), symbols.end(), [](const elf_symbol& a, const elf_symbol& b) {
    if (a.start != b.start) return a.start < b.start;
    if (a.rank != b.rank) return a.rank > b.rank;
    return std::string_view(a.name) < std::string_view(b.name);
  });
  const auto same = [](const elf_symbol& a, const elf_symbol& b) { return a.start == b.start; };
  symbols.erase(std::unique(symbols.begin(), symbols.end(), same), symbols.end());
}

}  // namespace

elf_file::elf_file(std::string path) : path_(std::move(path)) {
  ::elf_version(EV_CURRENT);
  elf_ = open_elf(path_, &dwarf_);
  if (elf_ == nullptr) return;
  std::size_t count = 0;
  if (::elf_getphdrnum(elf_, &count) != 0) return;
  for (std::size_t i = 0; i < count; ++i) {
    GElf_Phdr header;
    if (::gelf_getphdr(elf_, static_cast<int>(i), &header) == nullptr || header.p_type != PT_LOAD)
      continue;
    segments_.push_back({header.p_offset, header.p_vaddr, header.p_filesz, header.p_memsz,
                         (header.p_flags & PF_X) != 0});
  }
}

elf_file::~elf_file() {
  if (dwarf_ != nullptr) ::dwarf_end(dwarf_);
  if (debug_elf_ != nullptr) ::elf_end(debug_elf_);
  if (elf_ != nullptr) ::elf_end(elf_);
}

bool elf_file::in_code(address where) const noexcept {
  for (const segment& one : segments_)
    if (one.executable && where >= one.start && where - one.start < one.memory_size) return true;
  return false;
}

const elf_symbol* elf_file::function_at(address where) {
  read_symbols();
  return symbol_at(functions_, where);
}

const elf_symbol* elf_file::variable_at(address where) {
  read_symbols();
  return symbol_at(variables_, where);
}

const elf_symbol* elf_file::symbol_at(const std::vector<elf_symbol>& symbols, address where) const {
  auto after = std::upper_bound(symbols.begin(), symbols.end(), where,
                                [](address a, const elf_symbol& b) { return a < b.start; });
  // A symbol may lie within another; one that does not reach this far hides none that does.
  for (int tries = 0; after != symbols.begin() && tries < 8; ++tries) {
    --after;
    if (where - after->start < after->size) return &*after;
    if (after->size == 0 && tries == 0 && after->function) return &*after;
  }
  return nullptr;
}

void elf_file::read_symbols() {
  if (looked_for_symbols_ || elf_ == nullptr) return;
  looked_for_symbols_ = true;
  if (!read_symbols_of(elf_, SHT_SYMTAB)) {
    debug_information();
    if (debug_elf_ == nullptr || !read_symbols_of(debug_elf_, SHT_SYMTAB))
      read_symbols_of(elf_, SHT_DYNSYM);
  }
  sort_symbols(functions_);
  sort_symbols(variables_);
}

bool elf_file::read_symbols_of(Elf* elf, unsigned section_type) {
  for (Elf_Scn* section = nullptr; (section = ::elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr header;
    if (::gelf_getshdr(section, &header) == nullptr || header.sh_type != section_type) continue;
    Elf_Data* data = ::elf_getdata(section, nullptr);
    if (data == nullptr || header.sh_entsize == 0) continue;
    const std::size_t count = header.sh_size / header.sh_entsize;
    for (std::size_t i = 1; i < count; ++i) {
      GElf_Sym symbol;
      if (::gelf_getsym(data, static_cast<int>(i), &symbol) == nullptr) continue;
      if (symbol.st_shndx == SHN_UNDEF || symbol.st_shndx == SHN_ABS) continue;
      const unsigned type = GELF_ST_TYPE(symbol.st_info);
      const bool function = type == STT_FUNC || type == STT_GNU_IFUNC;
      if (!function && type != STT_OBJECT && type != STT_COMMON) continue;
      const char* name = ::elf_strptr(elf, header.sh_link, symbol.st_name);
      if (name == nullptr || name[0] == '\0') continue;
      (function ? functions_ : variables_)
          .push_back({symbol.st_value, symbol.st_size, name, rank_of(symbol, name), function});
    }
    return true;
  }
  return false;
}

Dwarf* elf_file::debug_information() {
  if (!looked_for_dwarf_ && elf_ != nullptr) {
    looked_for_dwarf_ = true;
    if (dwarf_ == nullptr || !has_debug_section(elf_)) {
      if (dwarf_ != nullptr) ::dwarf_end(dwarf_);
      dwarf_ = nullptr;
      open_debug_file();
    }
  }
  return dwarf_;
}

// Where distributions put it and objcopy --add-gnu-debuglink says it is. Never asks a server.
void elf_file::open_debug_file() {
  const std::string id = build_id_of(elf_);
  if (id.size() > 2 &&
      try_debug_file("/usr/lib/debug/.build-id/" + id.substr(0, 2) + "/" + id.substr(2) + ".debug",
                     id))
    return;
  GElf_Word checksum = 0;
  const char* link = ::dwelf_elf_gnu_debuglink(elf_, &checksum);
  if (link == nullptr) return;
  std::string folder = path_;
  std::array<char, 4096> target;
  const ssize_t length = ::readlink(path_.c_str(), target.data(), target.size());
  if (length > 0 && target[0] == '/')
    folder.assign(target.data(), static_cast<std::size_t>(length));
  const std::size_t slash = folder.rfind('/');
  folder.erase(slash == std::string::npos ? 0 : slash + 1);
  for (const std::string& where :
       {folder + link, folder + ".debug/" + link, "/usr/lib/debug" + folder + link})
    if (try_debug_file(where, id)) return;
}

bool elf_file::try_debug_file(const std::string& path, const std::string& build_id) {
  Dwarf* dwarf = nullptr;
  Elf* elf = open_elf(path, &dwarf);
  if (elf == nullptr) return false;
  if (dwarf != nullptr && has_debug_section(elf) && build_id_of(elf) == build_id) {
    debug_elf_ = elf;
    dwarf_ = dwarf;
    return true;
  }
  if (dwarf != nullptr) ::dwarf_end(dwarf);
  ::elf_end(elf);
  return false;
}

}  // namespace gobench::detector::reporting

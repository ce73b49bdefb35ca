// One program or library on disk: its segments, its symbols and where its debug information is.
#pragma once

#include <elfutils/libdw.h>

#include <cstdint>
#include <string>
#include <vector>

#include "detector/report/raw_finding.hpp"

namespace gobench::detector::reporting {

struct elf_symbol {
  address start = 0;  // as the file counts
  address size = 0;   // 0: unknown; then up to the next one
  const char* name = nullptr;
  unsigned rank = 0;  // of names for one address, the highest is shown
  bool function = false;
};

// Not copied or moved: handles of libelf. All is read when it is first asked for and kept. Not for several
// threads at a time.
class elf_file {
 public:
  explicit elf_file(std::string path);
  ~elf_file();
  elf_file(const elf_file&) = delete;
  elf_file& operator=(const elf_file&) = delete;

  bool readable() const noexcept { return elf_ != nullptr; }

  struct segment {
    address offset;  // in the file
    address start;   // as the file counts
    address file_size;
    address memory_size;
    bool executable;
  };
  const std::vector<segment>& segments() const noexcept { return segments_; }
  bool in_code(address where) const noexcept;

  // The symbol that covers this address, or null.
  const elf_symbol* function_at(address where);
  const elf_symbol* variable_at(address where);

  // Null: there is none, neither here nor in a file of its own that belongs to this one (by build id or link).
  Dwarf* debug_information();

 private:
  const elf_symbol* symbol_at(const std::vector<elf_symbol>& symbols, address where) const;
  void read_symbols();
  bool read_symbols_of(Elf* elf, unsigned section_type);
  void open_debug_file();
  bool try_debug_file(const std::string& path, const std::string& build_id);

  std::string path_;
  Elf* elf_ = nullptr;
  Elf* debug_elf_ = nullptr;  // the separate one, if that has the debug information
  Dwarf* dwarf_ = nullptr;
  bool looked_for_dwarf_ = false;
  bool looked_for_symbols_ = false;
  std::vector<segment> segments_;
  std::vector<elf_symbol> functions_;
  std::vector<elf_symbol> variables_;
};

}  // namespace gobench::detector::reporting

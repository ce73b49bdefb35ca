// Functions, lines and inlined calls of one module, out of its DWARF.
//
// Which compilation unit an address belongs to is found in a table of our own, made of the ranges that the units
// themselves give: libdw's own look-up needs .debug_aranges, which clang does not write. The functions of a unit
// are listed when an address of it is first asked for; libdw's dwarf_getscopes() does not look into
// namespaces, where clang puts them.
#pragma once

#include <elfutils/libdw.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "detector/report/elf_file.hpp"
#include "detector/report/frame.hpp"

namespace gobench::detector::reporting {

struct source_place {
  std::string file;
  int line = 0;
};

class debug_info {
 public:
  // `file` has to live as long as this.
  explicit debug_info(elf_file& file) noexcept : file_(file) {}
  debug_info(const debug_info&) = delete;
  debug_info& operator=(const debug_info&) = delete;

  // Appends what stands at this address, innermost first: function, symbol, file, line, column, inlined. False
  // (nothing appended) where no debug information covers it. A function may be nameless: only the symbol
  // table knows it.
  bool describe(address where, stack& frames);

  // The unit's source file as the compiler was told it; empty: unknown.
  std::string unit_at(address where);

  // Where the variable at exactly this address is declared, if a unit whose code was described before has it.
  source_place declaration_of(address variable);

 private:
  struct range {
    address begin;
    address end;
    std::size_t index;  // of units_, or of unit::functions
  };
  struct unit {
    Dwarf_Die root;     // that has the lines
    Dwarf_Die content;  // that has the functions: the same, or the split one
    bool listed = false;
    bool searched = false;
    std::vector<Dwarf_Die> functions;
    std::vector<range> ranges;
    std::unordered_map<address, Dwarf_Die> variables;
  };

  void list_units();
  unit* unit_of(address where);
  void list_functions(unit& of, Dwarf_Die* parent, int depth);
  void list_variables(unit& of, Dwarf_Die* parent, int depth);
  void add_ranges(Dwarf_Die* die, std::vector<range>& to, std::size_t index) const;
  static const range* find(const std::vector<range>& sorted, address where);
  void name(Dwarf_Die* function, frame& out);

  elf_file& file_;
  bool listed_ = false;
  std::vector<unit> units_;
  std::vector<range> ranges_;
};

}  // namespace gobench::detector::reporting

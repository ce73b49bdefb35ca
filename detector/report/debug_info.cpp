#include "detector/report/debug_info.hpp"

#include <dwarf.h>

#include <algorithm>

#include "detector/report/names.hpp"

namespace gobench::detector::reporting {
namespace {

// A damaged file must not make us recurse for ever.
constexpr int deepest = 200;

bool contains(Dwarf_Die* die, address where) { return ::dwarf_haspc(die, where) > 0; }

// The inlined calls around an address within a function, outermost first.
void inlined_calls(Dwarf_Die* scope, address where, std::vector<Dwarf_Die>& calls, int depth) {
  Dwarf_Die child;
  if (depth > deepest || ::dwarf_child(scope, &child) != 0) return;
  do {
    const int tag = ::dwarf_tag(&child);
    if (tag == DW_TAG_inlined_subroutine && contains(&child, where)) {
      calls.push_back(child);
      return inlined_calls(&child, where, calls, depth + 1);
    }
    const bool block =
        tag == DW_TAG_lexical_block || tag == DW_TAG_try_block || tag == DW_TAG_catch_block;
    if (!block) continue;
    const int here = ::dwarf_haspc(&child, where);
    if (here > 0) return inlined_calls(&child, where, calls, depth + 1);
    if (here < 0) {
      // A block without addresses of its own may hold some all the same.
      const std::size_t before = calls.size();
      inlined_calls(&child, where, calls, depth + 1);
      if (calls.size() != before) return;
    }
  } while (::dwarf_siblingof(&child, &child) == 0);
}

// Without "./" and "x/..", so that one file has one name.
std::string normalized(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (part == ".." && !parts.empty())
      parts.pop_back();
    else if (!part.empty() && part != "." && part != "..")
      parts.push_back(part);
  }
  std::string text;
  for (const std::string_view one : parts) {
    text += '/';
    text += one;
  }
  return text;
}

std::string absolute(Dwarf_Die* unit, const char* file) {
  if (file == nullptr) return {};
  if (file[0] == '/') return normalized(file);
  Dwarf_Attribute attribute;
  const char* folder = ::dwarf_formstring(::dwarf_attr(unit, DW_AT_comp_dir, &attribute));
  if (folder == nullptr || folder[0] != '/') return file;
  return normalized(std::string(folder) + "/" + file);
}

const char* string_of(Dwarf_Die* die, unsigned name) {
  Dwarf_Attribute attribute;
  return ::dwarf_formstring(::dwarf_attr_integrate(die, name, &attribute));
}

int number_of(Dwarf_Die* die, unsigned name) {
  Dwarf_Attribute attribute;
  Dwarf_Word value = 0;
  if (::dwarf_formudata(::dwarf_attr_integrate(die, name, &attribute), &value) != 0) return 0;
  return static_cast<int>(value);
}

// By the number in the unit's table. (dwarf_decl_file() takes 0 for none, which in DWARF 5 is the first.)
std::string file_of(Dwarf_Die* die, unsigned name, Dwarf_Die* content, Dwarf_Die* root) {
  Dwarf_Attribute attribute;
  Dwarf_Word number = 0;
  Dwarf_Files* files = nullptr;
  std::size_t count = 0;
  if (::dwarf_formudata(::dwarf_attr_integrate(die, name, &attribute), &number) != 0 ||
      ::dwarf_getsrcfiles(content, &files, &count) != 0 || number >= count)
    return {};
  return absolute(root, ::dwarf_filesrc(files, number, nullptr, nullptr));
}

// The name of a function without a linker name, with the namespaces and classes it is declared in.
std::string qualified_name(Dwarf_Die function) {
  const char* own = ::dwarf_diename(&function);
  if (own == nullptr) return {};
  std::string text = own;
  Dwarf_Attribute attribute;
  Dwarf_Die origin;
  for (const unsigned link : {DW_AT_abstract_origin, DW_AT_specification}) {
    if (::dwarf_attr(&function, link, &attribute) != nullptr &&
        ::dwarf_formref_die(&attribute, &origin) != nullptr)
      function = origin;
  }
  Dwarf_Die* scopes = nullptr;
  const int count = ::dwarf_getscopes_die(&function, &scopes);
  for (int i = 1; i < count; ++i) {
    const int tag = ::dwarf_tag(&scopes[i]);
    const char* scope = ::dwarf_diename(&scopes[i]);
    if (tag == DW_TAG_namespace) {
      text.insert(0, std::string(scope == nullptr ? "(anonymous namespace)" : scope).append("::"));
    } else if (tag == DW_TAG_class_type || tag == DW_TAG_structure_type ||
               tag == DW_TAG_union_type || tag == DW_TAG_subprogram) {
      // A class without a name that can be called is a lambda.
      if (scope == nullptr && i == 1 && text == "operator()") scope = "{lambda}";
      if (scope != nullptr) text.insert(0, std::string(scope).append("::"));
    }
  }
  std::free(scopes);
  return tidy(text);
}

}  // namespace

void debug_info::add_ranges(Dwarf_Die* die, std::vector<range>& to, std::size_t index) const {
  Dwarf_Addr base = 0;
  Dwarf_Addr begin = 0;
  Dwarf_Addr end = 0;
  for (std::ptrdiff_t next = 0; (next = ::dwarf_ranges(die, next, &base, &begin, &end)) > 0;) {
    // Functions that the linker dropped keep addresses near zero or at the very end.
    if (begin < end && file_.in_code(begin)) to.push_back({begin, end, index});
  }
}

const debug_info::range* debug_info::find(const std::vector<range>& sorted, address where) {
  auto after = std::upper_bound(sorted.begin(), sorted.end(), where,
                                [](address a, const range& b) { return a < b.begin; });
  for (int tries = 0; after != sorted.begin() && tries < 8; ++tries) {
    --after;
    if (where < after->end) return &*after;
  }
  return nullptr;
}

void debug_info::list_units() {
  if (listed_) return;
  listed_ = true;
  Dwarf* dwarf = file_.debug_information();
  if (dwarf == nullptr) return;
  Dwarf_CU* cu = nullptr;
  for (;;) {
    Dwarf_Die root{};
    Dwarf_Die split{};
    std::uint8_t type = 0;
    if (::dwarf_get_units(dwarf, cu, &cu, nullptr, &type, &root, &split) != 0) break;
    if (type != DW_UT_compile && type != DW_UT_skeleton) continue;
    add_ranges(&root, ranges_, units_.size());
    unit one{};
    one.root = root;
    one.content = type == DW_UT_skeleton && split.addr != nullptr ? split : root;
    units_.push_back(std::move(one));
  }
  std::sort(ranges_.begin(), ranges_.end(),
            [](const range& a, const range& b) { return a.begin < b.begin; });
}

debug_info::unit* debug_info::unit_of(address where) {
  list_units();
  const range* found = find(ranges_, where);
  return found == nullptr ? nullptr : &units_[found->index];
}

void debug_info::list_functions(unit& of, Dwarf_Die* parent, int depth) {
  Dwarf_Die child;
  if (depth > deepest || ::dwarf_child(parent, &child) != 0) return;
  do {
    const int tag = ::dwarf_tag(&child);
    if (tag == DW_TAG_subprogram) {
      const std::size_t before = of.ranges.size();
      add_ranges(&child, of.ranges, of.functions.size());
      if (of.ranges.size() != before) of.functions.push_back(child);
    }
    // Classes hold declarations only, except those within a function: their functions may stand inside.
    const bool type =
        tag == DW_TAG_class_type || tag == DW_TAG_structure_type || tag == DW_TAG_union_type;
    if (tag == DW_TAG_namespace || tag == DW_TAG_subprogram || tag == DW_TAG_lexical_block ||
        tag == DW_TAG_module || (type && depth > 0))
      list_functions(of, &child, depth + (tag == DW_TAG_namespace ? 0 : 1));
  } while (::dwarf_siblingof(&child, &child) == 0);
}

void debug_info::name(Dwarf_Die* function, frame& out) {
  const char* symbol = string_of(function, DW_AT_linkage_name);
  if (symbol == nullptr) symbol = string_of(function, DW_AT_MIPS_linkage_name);
  if (symbol != nullptr) {
    out.symbol = symbol;
    out.function = readable(out.symbol);
  }
  // The demangler gives up on names of more than a thousand characters.
  if (symbol == nullptr || out.function.compare(0, 2, "_Z") == 0) {
    if (std::string name = qualified_name(*function); !name.empty()) out.function = std::move(name);
  }
}

bool debug_info::describe(address where, stack& frames) {
  unit* const in = unit_of(where);
  if (in == nullptr) return false;
  if (!in->listed) {
    in->listed = true;
    list_functions(*in, &in->content, 0);
    std::sort(in->ranges.begin(), in->ranges.end(),
              [](const range& a, const range& b) { return a.begin < b.begin; });
  }
  // From the outside in: the function, then what was inlined there; each one's line is where the next was called.
  std::vector<Dwarf_Die> calls;
  if (const range* found = find(in->ranges, where)) {
    calls.push_back(in->functions[found->index]);
    inlined_calls(&calls[0], where, calls, 0);
  }
  frame innermost;
  if (Dwarf_Line* line = ::dwarf_getsrc_die(&in->root, where)) {
    innermost.file = absolute(&in->root, ::dwarf_linesrc(line, nullptr, nullptr));
    ::dwarf_lineno(line, &innermost.line);
    ::dwarf_linecol(line, &innermost.column);
  }
  if (calls.empty()) {
    if (innermost.line == 0) return false;
    frames.push_back(std::move(innermost));
    return true;
  }
  frame current = std::move(innermost);
  for (std::size_t i = calls.size(); i-- > 0;) {
    name(&calls[i], current);
    current.inlined = i > 0;
    frames.push_back(std::move(current));
    current = {};
    if (i == 0) break;
    current.file = file_of(&calls[i], DW_AT_call_file, &in->content, &in->root);
    current.line = number_of(&calls[i], DW_AT_call_line);
    current.column = number_of(&calls[i], DW_AT_call_column);
  }
  return true;
}

std::string debug_info::unit_at(address where) {
  unit* const in = unit_of(where);
  return in == nullptr ? std::string() : absolute(&in->root, ::dwarf_diename(&in->root));
}

void debug_info::list_variables(unit& of, Dwarf_Die* parent, int depth) {
  Dwarf_Die child;
  if (depth > deepest || ::dwarf_child(parent, &child) != 0) return;
  do {
    const int tag = ::dwarf_tag(&child);
    if (tag == DW_TAG_variable) {
      Dwarf_Attribute attribute;
      Dwarf_Op* operations = nullptr;
      std::size_t count = 0;
      if (::dwarf_getlocation(::dwarf_attr(&child, DW_AT_location, &attribute), &operations,
                              &count) != 0 ||
          count != 1)
        continue;
      Dwarf_Addr where = operations[0].number;
      if (operations[0].atom == DW_OP_addrx || operations[0].atom == DW_OP_GNU_addr_index) {
        Dwarf_Attribute resolved;
        if (::dwarf_getlocation_attr(&attribute, operations, &resolved) != 0 ||
            ::dwarf_formaddr(&resolved, &where) != 0)
          continue;
      } else if (operations[0].atom != DW_OP_addr) {
        continue;
      }
      of.variables.emplace(where, child);
    } else if (tag == DW_TAG_namespace || tag == DW_TAG_subprogram || tag == DW_TAG_lexical_block) {
      list_variables(of, &child, depth + 1);
    }
  } while (::dwarf_siblingof(&child, &child) == 0);
}

source_place debug_info::declaration_of(address variable) {
  for (unit& one : units_) {
    if (!one.listed) continue;
    if (!one.searched) {
      one.searched = true;
      list_variables(one, &one.content, 0);
    }
    const auto found = one.variables.find(variable);
    if (found == one.variables.end()) continue;
    Dwarf_Die die = found->second;
    source_place place;
    place.line = number_of(&die, DW_AT_decl_line);
    place.file = file_of(&die, DW_AT_decl_file, &one.content, &one.root);
    return place;
  }
  return {};
}

}  // namespace gobench::detector::reporting

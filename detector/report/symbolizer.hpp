// What addresses of the running program are called.
//
// Modules are read from /proc/thread-self/maps: dl_iterate_phdr() takes the loader's lock, which a thread may hold that
// waits for us. They are read again, at most once a report, when an address is in none of those known, and
// when told that libraries came or went. Everything found is kept. Not for several threads at a time.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "detector/report/debug_info.hpp"
#include "detector/report/elf_file.hpp"
#include "detector/report/frame.hpp"

namespace gobench::detector::reporting {

struct variable {
  std::string name;  // readable; empty: the module has no symbol for it
  address start = 0;
  std::size_t size = 0;
  std::string module;
  source_place declared;
};

class symbolizer {
 public:
  // The frames of a return address, innermost first; never empty. What stands there is the call before it.
  const stack& frames_of(address return_address);

  // The whole stack, without what lies below main and below the start of a task.
  stack frames_of(const raw_stack& raw);

  // The global variable at this address. False: it is in no module's data.
  bool variable_at(address where, variable& out);

  struct module {
    std::string path;
    address begin;
    address end;
  };
  // All that have code now.
  std::vector<module> modules();

  // Path of the program.
  std::string program() const;

  // Another report begins: modules may be read again.
  void begin_report() noexcept { may_read_again_ = true; }
  void modules_changed();

 private:
  struct file {
    explicit file(const std::string& path) : elf(path), debug(elf) {}
    elf_file elf;
    debug_info debug;
  };
  struct mapped {
    address begin = 0;
    address end = 0;
    address bias = 0;
    std::string path;
    file* content = nullptr;
  };

  void read_modules();
  void add_module(const std::string& path, address start, address offset, address last);
  const mapped* find(address where);
  const mapped* known(address where) const;
  stack symbolize(address where);
  bool is_detector(const mapped& of, address in_file) const;

  bool may_read_again_ = true;
  bool read_ = false;
  std::vector<mapped> modules_;
  std::unordered_map<std::string, std::unique_ptr<file>> files_;
  std::unordered_map<address, stack> cache_;
};

// Drops the frames of the hooks in the library's headers (runtime/instrument.hpp), unless there is nothing else.
void drop_hooks(stack& frames);

// Cuts the frames below main and those by which a thread or task is started, if something else remains.
void cut_below_start(stack& frames);

}  // namespace gobench::detector::reporting

// Which file a program counter of a recording belongs to.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace gobench::detector::offline {

struct module_info {
  std::uint64_t base = 0;
  std::uint64_t size = 0;
  std::string path;
  std::string build_id;  // bytes
};

// "file.cpp:12" for an offset in a module, or empty when that is not known.
using symboliser = std::function<std::string(const module_info& of, std::uint64_t offset)>;

class module_map {
 public:
  // A module that is loaded where others were takes their place.
  void add(module_info made);
  // "file.cpp:12", else "path+0x1234", else "0x1234"; empty for 0.
  std::string text(std::uint64_t pc, const symboliser& ask) const;

 private:
  std::map<std::uint64_t, module_info> by_base_;
};

}  // namespace gobench::detector::offline

#include "detector/report/symbolizer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>

#include "detector/report/names.hpp"

// Code that is in no file (made at run time) may be named by the program.
extern "C" {
__attribute__((weak)) void __tsan_symbolize_external_ex(
    std::uintptr_t pc,
    void (*add_frame)(void* context, const char* function, const char* file, int line, int column),
    void* context);
__attribute__((weak)) int __tsan_symbolize_external(std::uintptr_t pc, char* function,
                                                    std::uintptr_t function_size, char* file,
                                                    std::uintptr_t file_size, int* line,
                                                    int* column);
}

namespace gobench::detector::reporting {
namespace {

std::string contents_of(const char* path) {
  std::string text;
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return text;
  std::array<char, 16384> part;
  for (ssize_t length; (length = ::read(file, part.data(), part.size())) > 0;)
    text.append(part.data(), static_cast<std::size_t>(length));
  ::close(file);
  return text;
}

// Of the thread: `self` is nothing any more once the main thread has ended.
std::string link_target(const char* path) {
  std::array<char, 4096> target;
  const ssize_t length = ::readlink(path, target.data(), target.size());
  return length <= 0 ? std::string() : std::string(target.data(), static_cast<std::size_t>(length));
}

void add_external_frame(void* context, const char* function, const char* file, int line,
                        int column) {
  frame one;
  if (function != nullptr) one.function = function;
  if (file != nullptr) one.file = file;
  one.line = line;
  one.column = column;
  static_cast<stack*>(context)->push_back(std::move(one));
}

stack external_frames(address where) {
  stack frames;
  if (__tsan_symbolize_external_ex != nullptr)
    __tsan_symbolize_external_ex(where, add_external_frame, &frames);
  if (frames.empty() && __tsan_symbolize_external != nullptr) {
    std::array<char, 1024> function{};
    std::array<char, 1024> file{};
    int line = 0;
    int column = 0;
    if (__tsan_symbolize_external(where, function.data(), function.size(), file.data(), file.size(),
                                  &line, &column) != 0)
      add_external_frame(&frames, function.data(), file.data(), line, column);
  }
  return frames;
}

bool starts_with(const std::string& text, std::string_view what) {
  return std::string_view(text).substr(0, what.size()) == what;
}

// "fopen@@GLIBC_2.2.5"
std::string without_version(std::string_view symbol) {
  return std::string(symbol.substr(0, symbol.find('@')));
}

// How a thread or a task of ours gets to the function that it was given.
bool starts_a_task(const frame& one) {
  const std::string name = stable(one.function);
  const std::string file = one.module.substr(one.module.rfind('/') + 1);
  if (name.empty() && (starts_with(file, "libstdc++.so") || starts_with(file, "libc++.so") ||
                       starts_with(file, "libc.so") || starts_with(file, "ld-linux")))
    return true;
  return name == "make_fcontext" || name == "_start" || name == "clone" || name == "clone3" ||
         name == "start_thread" || starts_with(name, "__libc_start") ||
         starts_with(name, "std::thread::_State_impl") ||
         starts_with(name, "std::thread::_Invoker") || starts_with(name, "std::__invoke") ||
         starts_with(name, "std::__thread_proxy") || starts_with(name, "std::__thread_execute") ||
         starts_with(name, "std::_Function_handler") || starts_with(name, "std::function<>") ||
         starts_with(name, "std::function::operator()") ||
         (starts_with(name, "gobench::") && (name.find("::runtime::") != std::string::npos ||
                                             name.find("::detector::") != std::string::npos));
}

// What the headers of ours tell the detector with: nobody called that.
bool is_hook(const frame& one) { return starts_with(one.function, "gobench::check::instrument::"); }

}  // namespace

void drop_hooks(stack& frames) {
  std::size_t kept = 0;
  for (frame& one : frames)
    if (!is_hook(one) && &frames[kept++] != &one) frames[kept - 1] = std::move(one);
  if (kept > 0) frames.resize(kept);
}

void cut_below_start(stack& frames) {
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (frames[i].function != "main") continue;
    frames.resize(i + 1);
    return;
  }
  std::size_t kept = frames.size();
  while (kept > 0 && starts_a_task(frames[kept - 1])) --kept;
  if (kept > 0) frames.resize(kept);
}

const symbolizer::mapped* symbolizer::known(address where) const {
  for (const mapped& one : modules_)
    if (where >= one.begin && where < one.end) return &one;
  return nullptr;
}

const symbolizer::mapped* symbolizer::find(address where) {
  if (!read_) read_modules();
  const mapped* found = known(where);
  if (found == nullptr && may_read_again_) {
    may_read_again_ = false;
    read_modules();
    found = known(where);
  }
  return found;
}

void symbolizer::modules_changed() {
  read_ = false;
  cache_.clear();
}

// The mappings of one file from its offset 0 on, one of them executable, are a module. (libelf maps files
// as well, but does not execute them.)
void symbolizer::read_modules() {
  read_ = true;
  may_read_again_ = false;
  modules_.clear();
  const std::string text = contents_of("/proc/thread-self/maps");
  std::string path;
  address start = 0;
  address offset = 0;
  address last = 0;
  bool executable = false;
  const auto finish = [&] {
    if (executable && !path.empty()) add_module(path, start, offset, last);
    path.clear();
    executable = false;
  };
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = text.find('\n', at);
    if (end == std::string::npos) end = text.size();
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    std::uintptr_t begin = 0;
    std::uintptr_t stop = 0;
    std::uintptr_t from = 0;
    char rights[5] = {};
    int name_at = 0;
    if (std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR " %4s %" SCNxPTR " %*s %*s %n", &begin,
                    &stop, rights, &from, &name_at) < 4)
      continue;
    const std::string name =
        name_at > 0 ? line.substr(static_cast<std::size_t>(name_at)) : std::string();
    if (name != path || (from == 0 && name != "[vdso]")) {
      finish();
      path = name;
      start = begin;
      offset = from;
    }
    last = stop;
    executable = executable || rights[2] == 'x';
  }
  finish();
}

void symbolizer::add_module(const std::string& path, address start, address offset, address last) {
  mapped one;
  one.begin = start;
  one.end = last;
  one.bias = start - offset;
  one.path = path;
  if (path[0] == '/') {
    std::string readable_path = path;
    constexpr std::string_view gone = " (deleted)";
    if (path.size() > gone.size() &&
        std::string_view(path).substr(path.size() - gone.size()) == gone)
      one.path.resize(path.size() - gone.size());
    // Also when the program was replaced or removed since.
    if (link_target("/proc/thread-self/exe") == path) readable_path = "/proc/thread-self/exe";
    std::unique_ptr<file>& content = files_[readable_path];
    if (content == nullptr) content = std::make_unique<file>(readable_path);
    if (content->elf.readable()) {
      one.content = content.get();
      for (const elf_file::segment& part : content->elf.segments()) {
        if (offset < (part.offset & ~address{4095}) || offset >= part.offset + part.file_size)
          continue;
        one.bias = start - offset + part.offset - part.start;
        break;
      }
      // Data that is all zero lies behind what is mapped from the file.
      for (const elf_file::segment& part : content->elf.segments())
        one.end = std::max(one.end, one.bias + part.start + part.memory_size);
    }
  }
  modules_.push_back(std::move(one));
}

const stack& symbolizer::frames_of(address return_address) {
  const auto found = cache_.find(return_address);
  if (found != cache_.end()) return found->second;
  return cache_.emplace(return_address, symbolize(return_address)).first->second;
}

stack symbolizer::frames_of(const raw_stack& raw) {
  stack frames;
  for (const address one : raw) {
    const stack& here = frames_of(one);
    frames.insert(frames.end(), here.begin(), here.end());
  }
  drop_hooks(frames);
  cut_below_start(frames);
  return frames;
}

// The detector's interposed functions are what the program called: memcpy, not what we do there. They are
// told by their source files, which lie beside this one.
bool symbolizer::is_detector(const mapped& of, address in_file) const {
  constexpr std::string_view here = __FILE__;
  constexpr std::string_view folder = here.substr(0, here.rfind("report/"));
  const std::string unit = of.content->debug.unit_at(in_file);
  for (const std::string_view part : {"interpose/", "engine/", "seam/"}) {
    const std::string ours = std::string(folder) + std::string(part);
    if (starts_with(unit, ours) || (folder[0] != '/' && unit.find("/" + ours) != std::string::npos))
      return true;
  }
  return false;
}

stack symbolizer::symbolize(address return_address) {
  const address where = return_address - 1;
  stack frames;
  const mapped* in = find(where);
  if (in == nullptr) {
    frames = external_frames(return_address);
    if (frames.empty()) frames.emplace_back();
    for (frame& one : frames) one.offset = return_address;
    return frames;
  }
  if (in->content != nullptr) {
    const address in_file = where - in->bias;
    const bool described = in->content->debug.describe(in_file, frames);
    const bool ours = described && is_detector(*in, in_file);
    if (ours) frames.clear();
    if (frames.empty()) frames.emplace_back();
    frame& outermost = frames.back();
    // Debug information without the linker's name says less than the symbol, unless it is C; and there the
    // public name of a library's function is better than an internal one.
    if (outermost.symbol.empty() && outermost.function != "main") {
      const elf_symbol* symbol = in->content->elf.function_at(in_file);
      if (symbol != nullptr && (outermost.function.empty() || outermost.function[0] == '_' ||
                                starts_with(symbol->name, "_Z"))) {
        outermost.symbol = without_version(symbol->name);
        outermost.function = readable(outermost.symbol);
      }
    }
  } else {
    frames.emplace_back();
  }
  for (frame& one : frames) {
    one.module = in->path;
    one.offset = return_address - in->bias;
  }
  return frames;
}

std::vector<symbolizer::module> symbolizer::modules() {
  read_modules();
  std::vector<module> all;
  for (const mapped& one : modules_) all.push_back({one.path, one.begin, one.end});
  return all;
}

std::string symbolizer::program() const { return link_target("/proc/thread-self/exe"); }

bool symbolizer::variable_at(address where, variable& out) {
  const mapped* in = find(where);
  if (in == nullptr || in->content == nullptr) return false;
  const address in_file = where - in->bias;
  if (in->content->elf.in_code(in_file)) return false;
  out.module = in->path;
  out.start = where;
  if (const elf_symbol* symbol = in->content->elf.variable_at(in_file)) {
    out.name = readable(without_version(symbol->name));
    out.start = symbol->start + in->bias;
    out.size = symbol->size;
    out.declared = in->content->debug.declaration_of(symbol->start);
  }
  return true;
}

}  // namespace gobench::detector::reporting

#include "cli/cxx/driver.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "cli/child_process.hpp"
#include "cli/cxx/messages.hpp"
#include "cli/failure.hpp"
#include "cli/scratch_folder.hpp"

namespace gobench::cli::cxx {

namespace {

namespace fs = std::filesystem;

void append(call& to, const std::vector<std::string>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

// "-fsanitize=thread,undefined" without thread, for linking; empty when nothing is left.
std::string without_thread(const std::string& word) {
  const std::string head = "-fsanitize=";
  if (!word.starts_with(head)) return word;
  std::string left;
  std::string name;
  const auto keep = [&] {
    if (!name.empty() && name != "thread") left += (left.empty() ? "" : ",") + name;
    name.clear();
  };
  for (const char c : word.substr(head.size())) {
    if (c == ',') {
      keep();
    } else {
      name += c;
    }
  }
  keep();
  return left.empty() ? std::string() : head + left;
}

void append_for_linking(call& to, const item& one) {
  for (const std::string& word : one.words) {
    const std::string kept = without_thread(word);
    if (!kept.empty() && kept != "-static-libtsan" && kept != "-shared-libtsan") to.push_back(kept);
  }
}

call compile_call(const arguments& asked, const compiler& with, const check_library& library) {
  call made = with.words;
  bool only_assembly = true;
  for (const item& one : asked.items) {
    append(made, one.words);
    if (one.what != role::source) continue;
    const std::string ending = fs::path(one.words.front()).extension().string();
    only_assembly = only_assembly && (one.language.starts_with("assembler") ||
                                      (one.language.empty() && (ending == ".s" || ending == ".S")));
  }
  // An assembler has no use for them, and clang says so.
  if (!only_assembly) append(made, compile_flags(with, library, asked.debug));
  return made;
}

call link_call(const arguments& asked, const compiler& with, const check_library& library,
               const std::vector<std::string>& objects) {
  call made = with.words;
  std::size_t next = 0;
  for (const item& one : asked.items) {
    switch (one.what) {
      case role::option:
      case role::link_option:
      case role::output:
      case role::object:
        append_for_linking(made, one);
        break;
      case role::source:
        made.push_back(objects[next++]);
        break;
      case role::compile_option:
      case role::language:
        break;
    }
  }
  // What is linked into a program later has the detector from there.
  if (!asked.shared && !asked.partial) append(made, link_flags(library));
  return made;
}

// Where the dependencies of a source go that is compiled and linked at once, unless -MF says it.
std::vector<std::string> dependency_flags(const arguments& asked, const std::string& stem) {
  if (!asked.dependencies || asked.dependency_file) return {};
  const std::string output = asked.output.empty() ? "a" : asked.output;
  return {"-MF", output + "-" + stem + ".d", "-MT", output};
}

call object_call(const arguments& asked, const item& source, const compiler& with,
                 const check_library& library, const std::string& object) {
  call made = with.words;
  for (const item& one : asked.items) {
    if (one.what == role::option || one.what == role::compile_option) append(made, one.words);
  }
  std::erase(made, "-gsplit-dwarf");  // would leave its other half in a folder that goes away
  append(made, compile_flags(with, library, asked.debug));
  append(made, dependency_flags(asked, fs::path(source.words.front()).stem().string()));
  if (!source.language.empty()) append(made, {"-x", source.language});
  append(made, {"-c", "-o", object});
  append(made, source.words);
  return made;
}

// More words than a process may be given go into a file.
constexpr std::size_t most_bytes = 100'000;

call shortened(const call& whole, std::size_t compiler_words, const std::string& scratch,
               std::size_t number) {
  std::size_t bytes = 0;
  for (const std::string& one : whole) bytes += one.size() + 1;
  if (bytes <= most_bytes || scratch.empty()) return whole;
  const std::string file = fmt::format("{}/arguments-{}", scratch, number);
  std::ofstream out(file);
  const auto border = whole.begin() + static_cast<std::ptrdiff_t>(compiler_words);
  for (auto one = border; one != whole.end(); ++one) out << as_response(*one) << "\n";
  out.flush();
  if (!out) throw environment_error(messages::no_scratch(file));
  call made(whole.begin(), border);
  made.push_back("@" + file);
  return made;
}

[[noreturn]] void become(const call& made) {
  std::vector<std::string> words = made;
  std::vector<char*> pointers;
  for (std::string& one : words) pointers.push_back(one.data());
  pointers.push_back(nullptr);
  ::execv(pointers[0], pointers.data());
  throw environment_error(messages::cannot_start(made.front() + ": " + std::strerror(errno)));
}

int run(const call& made) {
  try {
    return run_through(
               {.path = made.front(), .arguments = made, .environment = {}, .directory = {}})
        .code();
  } catch (const std::system_error& refused) {
    throw environment_error(messages::cannot_start(refused.what()));
  }
}

}  // namespace

std::vector<call> plan(const arguments& asked, const compiler& with, const check_library& library,
                       const std::string& scratch) {
  switch (asked.to_do) {
    case work::nothing: {
      call made = with.words;
      for (const item& one : asked.items) append(made, one.words);
      return {made};
    }
    case work::compile:
      return {compile_call(asked, with, library)};
    case work::link:
    case work::compile_and_link:
      break;
  }
  if (asked.statically) throw usage_error(messages::no_static());
  std::vector<call> calls;
  std::vector<std::string> objects;
  for (const item& one : asked.items) {
    if (one.what != role::source) continue;
    const std::string stem = fs::path(one.words.front()).stem().string();
    objects.push_back(fmt::format("{}/{}-{}.o", scratch, stem, objects.size()));
    calls.push_back(object_call(asked, one, with, library, objects.back()));
  }
  calls.push_back(link_call(asked, with, library, objects));
  return calls;
}

int compile(const std::vector<std::string>& words) {
  const arguments asked = understand(words);
  const compiler with = find_compiler();
  if (asked.to_do == work::nothing) {
    call made = with.words;
    append(made, words);
    become(made);
  }
  const check_library library = find_library();
  std::optional<scratch_folder> scratch;
  if (asked.to_do == work::compile_and_link || asked.response_files) {
    try {
      scratch.emplace("gobench-cxx");
    } catch (const std::system_error& refused) {
      throw environment_error(messages::no_scratch(refused.what()));
    }
  }
  const std::string folder = scratch ? scratch->path().string() : std::string();
  const std::vector<call> calls = plan(asked, with, library, folder);
  if (calls.size() == 1 && !scratch) become(calls.front());
  std::size_t number = 0;
  for (const call& one : calls) {
    const int code = run(shortened(one, with.words.size(), folder, number++));
    if (code != 0) return code;
  }
  return 0;
}

}  // namespace gobench::cli::cxx

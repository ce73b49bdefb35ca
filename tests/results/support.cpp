#include "tests/results/support.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace gobench::results::testing {

folder::folder() {
  std::string name = (std::filesystem::temp_directory_path() / "gobench-results-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("There is no room for " + name);
  path_ = name;
}

folder::~folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::vector<std::string> folder::names() const {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    found.push_back(entry.path().filename().string());
  }
  std::ranges::sort(found);
  return found;
}

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void write(const std::filesystem::path& file, const std::string& text) {
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

context some_context() {
  context about;
  about.start_time = "2024-05-01T12:00:00Z";
  about.command_line = {"gobench", "run", "mutex-vs-chan"};
  about.seed = 42;
  about.warnings = {"The governor is powersave."};
  about.host = "box";
  about.kernel = "6.1.0";
  about.architecture = "x86_64";
  about.cpu_model = "Some CPU @ 3 GHz";
  about.cpus_online = 4;
  about.cpus_allowed = 2;
  about.cores = 2;
  about.cgroup_cpus = 1.5;
  about.governor = "powersave";
  about.turbo = "on";
  about.smt = "on";
  about.memory_bytes = 8ULL << 30;
  about.load_1min = 0.25;
  about.version = "0.1.0";
  about.git_commit = "abc";
  about.compiler = "GNU 12.2.0";
  about.compiler_flags = "-O2";
  about.build_type = "Release";
  about.versions = {{"libc", std::string("2.36")}};
  return about;
}

schema some_schema() {
  schema columns;
  columns.add_parameters({"hold_ns", "workload"});
  columns.add_metrics({"p99_ns", "parallel", "note"});
  columns.repetitions = 5;
  return columns;
}

sample some_sample(int rep) {
  sample one{.suite = "mutex-vs-chan",
             .case_name = "counter",
             .impl = "gobench.mutex",
             .runs_on = vehicle::fiber,
             .procs = 2,
             .tasks = 8,
             .rep = rep,
             .iterations = 1'000'000};
  one.time(20.0 + rep, 40.5);
  one.parameters = {{"hold_ns", 0}, {"workload", std::string("even")}};
  one.metrics = {{"p99_ns", 1234.5}, {"parallel", 1.0}};
  return one;
}

std::vector<std::vector<std::string>> parse_csv(const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row;
  std::size_t at = 0;
  while (at < text.size()) {
    std::string cell;
    if (text[at] == '"') {
      for (++at;; ++at) {
        if (at >= text.size()) {
          ADD_FAILURE() << "a quoted cell does not end";
          return rows;
        }
        if (text[at] != '"') {
          cell += text[at];
        } else if (at + 1 < text.size() && text[at + 1] == '"') {
          cell += text[++at];
        } else {
          ++at;
          break;
        }
      }
    } else {
      for (; at < text.size() && text[at] != ',' && text[at] != '\n'; ++at) {
        EXPECT_TRUE(text[at] != '"' && text[at] != '\r') << "unquoted at " << at;
        cell += text[at];
      }
    }
    row.push_back(cell);
    if (at >= text.size()) {
      ADD_FAILURE() << "the last row has no end: " << cell;
      return rows;
    }
    if (text[at] == '\n') {
      rows.push_back(row);
      row.clear();
    } else {
      EXPECT_EQ(text[at], ',') << "something follows a quoted cell at " << at;
      // A comma at the very end begins a cell that never comes.
      EXPECT_LT(at + 1, text.size());
    }
    ++at;
  }
  EXPECT_TRUE(row.empty());
  return rows;
}

bool installed(const std::string& program) {
  return std::system(("command -v " + program + " >/dev/null 2>&1").c_str()) == 0;
}

std::string output_of(const std::string& command) {
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("no shell");
  std::string text;
  std::array<char, 4096> room{};
  for (std::size_t n = 0; (n = std::fread(room.data(), 1, room.size(), pipe)) > 0;) {
    text.append(room.data(), n);
  }
  EXPECT_EQ(::pclose(pipe), 0) << command;
  return text;
}

std::string quoted(const std::filesystem::path& file) { return "'" + file.string() + "'"; }

}  // namespace gobench::results::testing

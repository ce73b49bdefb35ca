#include "results/internal/own_cpu.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "results/internal/system_files.hpp"

namespace gobench::results::internal {

namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

double used_by(int whom) {
  rusage used{};
  if (::getrusage(whom, &used) != 0) return 0;
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// utime and stime of /proc/PID/stat: the 12th and 13th word behind the name, which ends in the last `)`.
double used_by_process(const std::string& pid) {
  const std::string line = first_line("/proc/" + pid + "/stat");
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream words(line.substr(name_end + 1));
  std::string word;
  for (int i = 0; i < 11; ++i) words >> word;
  double user = 0;
  double system = 0;
  if (!(words >> user >> system)) return 0;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double used_by_running_children() {
  double sum = 0;
  std::error_code gone;
  for (std::filesystem::directory_iterator task("/proc/self/task", gone), end; task != end;
       task.increment(gone)) {
    if (gone) break;
    std::ifstream in(task->path() / "children");
    for (std::string pid; in >> pid;) sum += used_by_process(pid);
  }
  return sum;
}

}  // namespace

double own_cpu_seconds() {
  return used_by(RUSAGE_SELF) + used_by(RUSAGE_CHILDREN) + used_by_running_children();
}

}  // namespace gobench::results::internal

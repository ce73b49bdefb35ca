// launch COMMAND...: runs it and prints, on standard error's last line, CPU seconds, milliseconds of wall time, kilobytes
// of memory at most, and its exit code (128 and more: ended by a signal). A small process of its own, since a
// child's peak memory begins with that of the process it was forked from.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

int main(int count, char** arguments) {
  if (count < 2) return 2;
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child == 0) {
    execv(arguments[1], arguments + 1);
    _exit(127);
  }
  int status = 0;
  rusage used{};
  if (child < 0 || wait4(child, &status, 0, &used) < 0) return 4;
  const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - begin;
  const auto seconds = [](timeval t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  std::fprintf(stderr, "\n%.4f %.3f %ld %d\n", seconds(used.ru_utime) + seconds(used.ru_stime),
               wall.count(), used.ru_maxrss,
               WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

#include "suites/reactor/sample.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

#include "suites/reactor/client.hpp"
#include "suites/stopwatch.hpp"

namespace gobench::suites::reactor {
namespace {

#if defined(GOBENCH_FLAVOUR_TSAN)
constexpr bool server_in_a_child = false;  // ThreadSanitizer allows no threads after a fork
#else
constexpr bool server_in_a_child = true;
#endif

// Whatever happens, no process of a sample outlives that.
constexpr unsigned longest_sample_s = 120;
constexpr rlim_t other_files = 64;

struct server_report {
  load_report load;
  double cpu_seconds = 0;
  double bytes_per_connection = 0;
  char failure[160] = {};
};

class channel_of_bytes {
 public:
  channel_of_bytes() {
    if (::pipe(ends_.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  }
  ~channel_of_bytes() {
    close_reading();
    close_writing();
  }
  channel_of_bytes(const channel_of_bytes&) = delete;
  channel_of_bytes& operator=(const channel_of_bytes&) = delete;

  // So that the end of the other process is the end of what is read.
  void close_reading() noexcept { close(ends_[0]); }
  void close_writing() noexcept { close(ends_[1]); }

  // What is sent here is far below what a pipe moves as a whole.
  template <class T>
  bool send(const T& value) const {
    return ::write(ends_[1], &value, sizeof value) == static_cast<ssize_t>(sizeof value);
  }
  template <class T>
  bool receive(T& value) const {
    ssize_t got = 0;
    do {
      got = ::read(ends_[0], &value, sizeof value);
    } while (got < 0 && errno == EINTR);
    return got == static_cast<ssize_t>(sizeof value);
  }

 private:
  static void close(int& fd) noexcept {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
  std::array<int, 2> ends_{};
};

pid_t fork_or_throw() {
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) ::alarm(longest_sample_s);
  return child;
}

void wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
}

// The soft limit on open files is often 1024; up to the hard one everybody may raise it.
void raise_file_limit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == files.rlim_max) return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

double resident_bytes() {
  std::ifstream in("/proc/self/statm");
  double total = 0;
  double resident = 0;
  in >> total >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

// Both directions between the server's process and the client's.
struct line_to_client {
  channel_of_bytes from;
  channel_of_bytes to;
  bool told = false;  // the client has said that it is ready
};

[[noreturn]] void be_the_client(const protocol& speaks, const load& what, line_to_client& line) {
  line.from.close_reading();
  line.to.close_writing();
  const load_report made = make_load(
      speaks, what,
      [](void* context) {
        auto& to_server = *static_cast<line_to_client*>(context);
        to_server.told = true;
        char go = 0;
        if (!to_server.from.send('r') || !to_server.to.receive(go)) ::_exit(1);
      },
      &line);
  if (!line.told) line.from.send('x');
  ::_exit(line.from.send(made) ? 0 : 1);
}

server_report serve_and_measure(const point& where, std::uint64_t requests, const protocol& speaks,
                                std::unique_ptr<server> (*make)()) {
  server_report made;
  raise_file_limit();
  const std::unique_ptr<server> one = make();
  const load what{.connections = where.tasks,
                  .requests = requests,
                  .most_seconds = where.most_seconds,
                  .port = one->port()};
  line_to_client line;
  const pid_t client = fork_or_throw();
  if (client == 0) be_the_client(speaks, what, line);
  line.from.close_writing();
  line.to.close_reading();

  const double before = resident_bytes();
  std::exception_ptr thrown;
  std::thread serving([&] {
    try {
      one->serve(speaks, where);
    } catch (...) {
      thrown = std::current_exception();
      line.from.close_reading();  // the client's next word ends it
    }
  });
  char ready = 0;
  bool good = line.from.receive(ready);
  if (good && ready != 'r') {
    good = line.from.receive(made.load);
  } else if (good) {
    made.bytes_per_connection = (resident_bytes() - before) / where.tasks;
    const double cpu = process_cpu_seconds();
    good = line.to.send('g') && line.from.receive(made.load);
    made.cpu_seconds = process_cpu_seconds() - cpu;
  }
  if (!good && made.load.failure[0] == '\0')
    std::strcpy(made.load.failure, "the client has ended before it had connected");
  one->stop();
  serving.join();
  wait_for(client);
  if (thrown) std::rethrow_exception(thrown);
  return made;
}

server_report in_a_child(const point& where, std::uint64_t requests, const protocol& speaks,
                         std::unique_ptr<server> (*make)()) {
  channel_of_bytes answer;
  const pid_t child = fork_or_throw();
  if (child == 0) {
    answer.close_reading();
    server_report made;
    try {
      made = serve_and_measure(where, requests, speaks, make);
    } catch (const std::exception& error) {
      std::strncpy(made.failure, error.what(), sizeof made.failure - 1);
    }
    ::_exit(answer.send(made) ? 0 : 1);
  }
  answer.close_writing();
  server_report made;
  const bool told = answer.receive(made);
  wait_for(child);
  if (!told) throw std::runtime_error("the process of the server has ended early");
  if (made.failure[0] != '\0') throw std::runtime_error(made.failure);
  return made;
}

}  // namespace

std::uint64_t most_connections() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return 0;
  return files.rlim_max <= other_files ? 0 : files.rlim_max - other_files;
}

measurement take_sample(const point& where, std::uint64_t requests, const protocol& speaks,
                        std::unique_ptr<server> (*make)()) {
  const server_report made = server_in_a_child ? in_a_child(where, requests, speaks, make)
                                               : serve_and_measure(where, requests, speaks, make);
  const load_report& seen = made.load;
  measurement taken;
  taken.seconds = seen.seconds;
  taken.cpu_seconds = made.cpu_seconds;
  taken.operations = seen.answers;
  taken.metrics.set("p50_ns", seen.p50_ns);
  taken.metrics.set("p90_ns", seen.p90_ns);
  taken.metrics.set("p99_ns", seen.p99_ns);
  taken.metrics.set("p999_ns", seen.p999_ns);
  taken.metrics.set("connection_bytes", made.bytes_per_connection);
  if (seen.failure[0] != '\0')
    throw std::runtime_error(fmt::format("the client: {}", seen.failure));
  taken.result = proof::that(seen.answers > 0 && seen.answers <= requests,
                             "the client has counted other answers than it asked for");
  return taken;
}

}  // namespace gobench::suites::reactor

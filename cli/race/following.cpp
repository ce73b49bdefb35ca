// A program's findings, read while it runs.
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <thread>

#include "cli/failure.hpp"
#include "cli/race/messages.hpp"
#include "cli/race/options.hpp"
#include "cli/race/session.hpp"

namespace gobench::cli::race {

namespace {

using namespace std::chrono_literals;
namespace findings = detector::findings;

// How long what the program leaves running may take to end, before the results are closed.
constexpr auto patience = 5s;

// Where the kernel cannot tell of changes, they are looked for this often; elsewhere too, but seldom.
constexpr int look_again_ms = 50;
constexpr int look_anyway_ms = 1000;

// Tells when a file has changed. Where that cannot be, it is never readable.
class watch {
 public:
  explicit watch(const std::string& file) : fd_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    if (fd_ >= 0 && ::inotify_add_watch(fd_, file.c_str(), IN_MODIFY) < 0) {
      ::close(fd_);
      fd_ = -1;
    }
  }
  watch(const watch&) = delete;
  watch& operator=(const watch&) = delete;
  ~watch() {
    if (fd_ >= 0) ::close(fd_);
  }

  int descriptor() const { return fd_; }
  void take() const {
    std::array<char, 4096> events{};
    while (fd_ >= 0 && ::read(fd_, events.data(), events.size()) > 0) {
    }
  }

 private:
  int fd_;
};

std::size_t alive(const findings::collection& found, pid_t but) {
  std::size_t count = 0;
  for (const auto& [process, has_ended] : found.processes()) {
    if (has_ended || process <= 0 || process == but) continue;
    if (::kill(static_cast<pid_t>(process), 0) == 0 || errno == EPERM) ++count;
  }
  return count;
}

}  // namespace

checked_run run_checked(start_options how, std::map<std::string, std::string> detector,
                        findings::collection& found, const std::function<void()>& news) {
  try {
    const scratch_folder folder("gobench-race");
    const std::string file = (folder.path() / "findings").string();
    findings::follower lines(file);
    const watch changes(file);
    detector["findings"] = file;
    how.environment["GOBENCH_RACE"] = format_options(detector);

    const auto take_news = [&] {
      bool any = false;
      for (const std::string& line : lines.lines()) any |= found.take(line);
      if (any) news();
    };
    checked_run made;
    const signal_relay relay;
    std::optional<child_process> program;
    try {
      program.emplace(how);
    } catch (const std::system_error& refused) {
      throw environment_error(messages::cannot_start(refused.what()));
    }
    signal_relay::to(program->id());
    std::optional<ending> ended;
    while (!ended) {
      std::array<pollfd, 2> events{pollfd{program->end_descriptor(), POLLIN, 0},
                                   pollfd{changes.descriptor(), POLLIN, 0}};
      const bool told = events[0].fd >= 0 && events[1].fd >= 0;
      ::poll(events.data(), events.size(), told ? look_anyway_ms : look_again_ms);
      // Whether it has ended is asked first: what it wrote before is then in the file.
      ended = program->ended();
      changes.take();
      take_news();
    }
    made.how = *ended;
    const auto until = std::chrono::steady_clock::now() + patience;
    while (alive(found, program->id()) > 0 && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(20ms);
      take_news();
    }
    made.still_running = alive(found, program->id());
    take_news();
    made.cut_off = !lines.rest().empty();
    return made;
  } catch (const std::system_error& refused) {
    throw environment_error(messages::no_place_for_findings(refused.what()));
  }
}

}  // namespace gobench::cli::race

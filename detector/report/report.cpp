// The entry points: the lock, the stack and the hook around what `reporter` does.
//
// The reporter is made when first needed, in memory of the detector's arena, and never destroyed: threads
// report until the very end.
#include "detector/report/report.hpp"

#include <pthread.h>

#include <cerrno>
#include <memory>
#include <mutex>
#include <utility>

#include "detector/report/own_stack.hpp"
#include "detector/report/query.hpp"
#include "detector/report/report_lock.hpp"
#include "detector/report/reporter.hpp"

extern "C" {
__attribute__((weak, visibility("default"))) void __tsan_on_report(void* report);
}

namespace gobench::detector {
namespace reporting {
namespace {

constinit report_lock the_lock;
constinit reporter* the_reporter = nullptr;

reporter& instance() {
  if (the_reporter == nullptr) the_reporter = new reporter();
  return *the_reporter;
}

// A thread cannot be cancelled here, and errno is as it was.
class undisturbed {
 public:
  undisturbed() noexcept : error_(errno) {
    ::pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state_);
  }
  ~undisturbed() {
    ::pthread_setcancelstate(state_, nullptr);
    errno = error_;
  }
  undisturbed(const undisturbed&) = delete;
  undisturbed& operator=(const undisturbed&) = delete;

 private:
  int error_;
  int state_ = PTHREAD_CANCEL_ENABLE;
};

// Runs `work` under the lock, on a large stack. If there is not enough memory, that is said.
template <class Work>
void do_locked(Work&& work) noexcept {
  const undisturbed calm;
  const std::lock_guard guard(the_lock);
  on_own_stack(
      [](void* argument) {
        try {
          (*static_cast<Work*>(argument))();
        } catch (...) {
          write_all(
              2,
              "gobench: the report of a finding could not be made: there is not enough memory.\n");
        }
      },
      &work);
}

}  // namespace
}  // namespace reporting

using namespace reporting;

void report_start(const report_options& options) noexcept {
  do_locked([&] { instance().start(options); });
}

bool report(raw_finding&& raw) noexcept {
  const undisturbed calm;
  const std::lock_guard guard(the_lock);
  struct {
    const raw_finding& raw;
    std::unique_ptr<current_report> now;
    bool is_new = true;
  } job{raw, nullptr};
  on_own_stack(
      [](void* argument) {
        auto& mine = *static_cast<decltype(job)*>(argument);
        try {
          mine.is_new = instance().handle(mine.raw, mine.now);
        } catch (...) {
          write_all(2,
                    "gobench: a finding could not be told in full: there is not enough memory.\n");
        }
      },
      &job);
  // Code of the program runs on the stack that it had.
  if (job.now != nullptr && __tsan_on_report != nullptr) {
    const current_report_scope visible(*job.now);
    __tsan_on_report(job.now.get());
  }
  return job.is_new;
}

bool report_known(finding_type type, address one, address other) noexcept {
  const undisturbed calm;
  const std::lock_guard guard(the_lock);
  return the_reporter != nullptr && (one != 0 || other != 0) &&
         the_reporter->count_again(key_of(type, one, other));
}

void report_note(std::string_view sentence) noexcept {
  do_locked([&] { instance().note(sentence); });
}

void report_note_of(raw_finding&& raw, std::size_t count) noexcept {
  do_locked([&] { instance().note_of(raw, count); });
}

report_totals report_so_far() noexcept { return reporter::totals(); }

report_totals report_end() noexcept {
  do_locked([] { instance().end(); });
  return report_so_far();
}

void report_modules_changed() noexcept {
  do_locked([] {
    if (the_reporter != nullptr) the_reporter->modules_changed();
  });
}

bool report_called_from_library(address code) noexcept { return reporter::is_ignored(code); }

void report_before_fork() noexcept {
  const undisturbed calm;
  the_lock.lock();
}

void report_after_fork(bool in_child) noexcept {
  if (in_child && the_reporter != nullptr) the_reporter->begin_child();
  the_lock.unlock();
}

}  // namespace gobench::detector

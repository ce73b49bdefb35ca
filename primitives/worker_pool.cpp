#include "primitives/worker_pool.hpp"

#include <optional>

#include "runtime/instrument.hpp"
#include "runtime/task.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

namespace primitives {
std::exception_ptr not_run() {
  return std::make_exception_ptr(run_ended("the run ended before the job of the pool had run"));
}
}  // namespace primitives

// The function of a worker's task. It counts as alive until it is destroyed, whether it ran or not.
class worker_pool::worker {
 public:
  explicit worker(std::shared_ptr<shared_state> shared) : shared_(std::move(shared)) {
    shared_->alive.add();
  }
  worker(worker&&) noexcept = default;
  worker& operator=(worker&&) = delete;
  ~worker() {
    GOBENCH_INTERNAL_SCOPE();
    if (shared_ != nullptr) shared_->alive.done();
    shared_.reset();
  }

  void operator()() const {
    while (std::optional<job> next = shared_->jobs.recv()) (*next)->run();
  }

 private:
  std::shared_ptr<shared_state> shared_;
};

worker_pool::worker_pool(int n, std::size_t capacity, source_location born)
    : shared_([&] {
        GOBENCH_INTERNAL_SCOPE();
        return std::make_shared<shared_state>(capacity);
      }()) {
  GOBENCH_INTERNAL_SCOPE();
  if (n < 0) throw misuse("a worker_pool needs a number of workers above 0, or 0 for max_procs()");
  if (n == 0) n = max_procs();
  try {
    for (; workers_ < n; ++workers_) static_cast<void>(go(worker(shared_), born));
  } catch (...) {
    shared_->close();  // those that run already end
    throw;
  }
}

worker_pool::~worker_pool() {
  GOBENCH_INTERNAL_SCOPE();
  try {
    close();
  } catch (const runtime::ended_exception&) {
    // The run has ended under us, and under the workers: they hold what they share with us.
  }
  shared_.reset();
}

void worker_pool::shared_state::close() noexcept {
  // Only one of those who close at the same time may close the channel. Relaxed: the channel orders.
  if (!closed.exchange(true, std::memory_order_relaxed)) jobs.close();
}

void worker_pool::close() {
  GOBENCH_OPERATION(close, shared_.get());
  shared_->close();
  shared_->alive.wait();
}

void worker_pool::enqueue(job work) {
  GOBENCH_OPERATION(send, shared_.get());
  try {
    shared_->jobs.send(std::move(work));
  } catch (const channel_error&) {
    throw misuse(
        "a job was submitted to a worker_pool that is closed; close it after the last one");
  }
}

}  // namespace gobench::inline GOBENCH_FLAVOUR

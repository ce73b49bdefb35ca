// A fixed number of tasks that work off what others submit.
//
//   gobench::worker_pool workers(4);
//   auto sum = workers.submit([&] { return add_up(numbers); });
//   workers.post([&] { write(log); });        // no result wanted
//   use(sum.get());                            // waits; rethrows what the function threw
//   workers.close();                           // or the destructor: waits for all that was submitted
//
// Tasks are cheap: go() alone will do where nothing has to be limited. A pool bounds how much runs at a time, for
// instance because each job needs much memory, and with a capacity how much is queued.
//
// Invariants
//  - What was submitted runs once, unless the run ends before; jobs start in the order in which they came.
//  - The queue is a channel of jobs. It is closed by the first close(); each worker ends when the channel is
//    closed and drained.
//  - What workers use is shared by the pool and them, since a run that ends may unwind the pool first.
#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <exception>
#include <functional>
#include <limits>
#include <memory>
#include <type_traits>
#include <utility>

#include "primitives/chan.hpp"
#include "primitives/internal/pool_job.hpp"
#include "primitives/wait_group.hpp"
#include "runtime/errors.hpp"
#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"
#include "runtime/source_location.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

// What a submitted function returns, or throws, when it has run. Movable; from any fiber or thread, but one handle
// by one at a time. Dropping it drops the result, also an exception.
template <class T>
class pool_result {
 public:
  pool_result() noexcept = default;
  pool_result(pool_result&&) noexcept = default;
  pool_result& operator=(pool_result&&) noexcept = default;

  // Whether there is a result to come that was not got yet.
  bool valid() const noexcept { return state_ != nullptr; }
  // Whether get() would not wait. Not with an invalid one, as the rest.
  bool ready() const { return state().settled.is_set(); }

  // Waits until the function has run; what it did happens before the return.
  void wait() const { state().settled.wait(); }
  // Returns whether it has run in that time.
  template <class Rep, class Period>
  bool wait_for(std::chrono::duration<Rep, Period> d) const {
    return state().settled.wait_for(d);
  }

  // Waits, then returns what the function returned or rethrows what it threw; run_ended when the run ended before it
  // had run. Once: it is not valid afterwards. Throws misuse when it is not valid now.
  T get() {
    wait();
    const std::shared_ptr<primitives::result_state<T>> mine = std::move(state_);
    if (mine->failure != nullptr) std::rethrow_exception(std::move(mine->failure));
    if constexpr (std::is_reference_v<T>) {
      return static_cast<T>(**mine->value);
    } else if constexpr (!std::is_void_v<T>) {
      return std::move(*mine->value);
    }
  }

 private:
  friend class worker_pool;
  explicit pool_result(std::shared_ptr<primitives::result_state<T>> state) noexcept
      : state_(std::move(state)) {}
  primitives::result_state<T>& state() const {
    if (state_ == nullptr) throw misuse("use of a pool_result that is empty or was got already");
    return *state_;
  }

  std::shared_ptr<primitives::result_state<T>> state_;
};

// Every method may be called from fibers, task threads and OS threads that the runtime did not start, mixed. What
// was done before a submit happens before the function; the function before what is seen of its result, and
// before the return of close().
class worker_pool {
 public:
  static constexpr std::size_t unbounded = std::numeric_limits<std::size_t>::max();

  // Starts n workers, max_procs() of them for 0. Up to `capacity` jobs wait for a worker, then submitting waits.
  // Throws misuse for a negative n, and as go() does: no_runtime outside of a run. `born` is shown in reports.
  explicit worker_pool(int n = 0, std::size_t capacity = unbounded,
                       source_location born = source_location::current());
  worker_pool(const worker_pool&) = delete;
  worker_pool& operator=(const worker_pool&) = delete;
  // Closes it. While the caller is unwound because the run has ended, it does not wait.
  ~worker_pool();

  // Has a worker call f(). An exception waits in the result for get(), and is dropped with it. Throws misuse when
  // the pool is closed, also while it waits for room, and std::bad_alloc. A job that waits for the
  // result of another may wait for ever when all workers do.
  template <std::invocable F>
  pool_result<std::invoke_result_t<std::decay_t<F>&>> submit(F&& f) {
    using result = std::invoke_result_t<std::decay_t<F>&>;
    auto state = std::make_shared<primitives::result_state<result>>();
    enqueue(std::make_unique<primitives::result_job<result, std::decay_t<F>>>(std::forward<F>(f),
                                                                              state));
    return pool_result<result>(std::move(state));
  }

  // The same without a result. An exception ends the program, as in every task that nobody can join.
  template <std::invocable F>
  void post(F&& f) {
    enqueue(std::make_unique<primitives::plain_job<std::decay_t<F>>>(std::in_place,
                                                                     std::forward<F>(f)));
  }

  // Refuses further jobs, waits until those submitted have run and the workers have ended. Any number of times,
  // but not from a job of this pool: that would wait for itself.
  void close();

  int workers() const noexcept { return workers_; }
  // Jobs that wait for a worker, at some moment during the call.
  std::size_t queued() const noexcept {
    GOBENCH_INTERNAL_SCOPE();
    return shared_->jobs.len();
  }

 private:
  using job = std::unique_ptr<primitives::pool_job>;

  struct shared_state {
    explicit shared_state(std::size_t capacity)
        : jobs(capacity == unbounded ? make_unbounded_chan<job>() : make_chan<job>(capacity)) {}
    void close() noexcept;

    const chan<job> jobs;
    std::atomic<bool> closed{false};
    wait_group alive;  // workers
  };
  class worker;

  void enqueue(job work);

  std::shared_ptr<shared_state> shared_;
  int workers_ = 0;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR

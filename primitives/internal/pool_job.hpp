// What a worker_pool runs, and where its result goes.
//
// Invariants
//  - A result is settled once: by the job's run, or by the end of a job that never ran to its end.
//  - The function, with all that it captured, is gone before its result is seen.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "primitives/event.hpp"
#include "runtime/flavour.hpp"
#include "runtime/park.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::primitives {

class pool_job {
 public:
  pool_job() = default;
  pool_job(const pool_job&) = delete;
  pool_job& operator=(const pool_job&) = delete;
  virtual ~pool_job() = default;
  virtual void run() = 0;
};

// How a T is kept: a reference as a pointer, nothing as something.
struct nothing {};
template <class T>
using kept = std::conditional_t<
    std::is_void_v<T>, nothing,
    std::conditional_t<std::is_reference_v<T>, std::remove_reference_t<T>*, std::remove_cv_t<T>>>;

template <class T>
struct result_state {
  event settled;
  std::optional<kept<T>> value;  // with `failure`, written before `settled` is set
  std::exception_ptr failure;
};

// The failure of a job that did not run to its end.
std::exception_ptr not_run();

template <class T, class F>
class result_job final : public pool_job {
 public:
  template <class G>
  result_job(G&& f, std::shared_ptr<result_state<T>> state)
      : f_(std::in_place, std::forward<G>(f)), state_(std::move(state)) {}
  ~result_job() override {
    if (state_ == nullptr) return;
    f_.reset();
    state_->failure = not_run();
    state_->settled.set();
  }

  void run() override {
    try {
      if constexpr (std::is_void_v<T>) {
        std::invoke(*f_);
        state_->value.emplace();
      } else if constexpr (std::is_reference_v<T>) {
        state_->value.emplace(
            std::addressof(static_cast<std::remove_reference_t<T>&>(std::invoke(*f_))));
      } else {
        state_->value.emplace(std::invoke(*f_));
      }
    } catch (const runtime::ended_exception&) {
      throw;
    } catch (...) {
      state_->failure = std::current_exception();
    }
    f_.reset();
    std::exchange(state_, nullptr)->settled.set();
  }

 private:
  std::optional<F> f_;
  std::shared_ptr<result_state<T>> state_;
};

// A job whose result nobody waits for: what it throws leaves the worker.
template <class F>
class plain_job final : public pool_job {
 public:
  template <class G>
  plain_job(std::in_place_t /*from*/, G&& f) : f_(std::forward<G>(f)) {}
  void run() override { static_cast<void>(std::invoke(f_)); }

 private:
  F f_;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives

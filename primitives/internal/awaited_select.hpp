// A coroutine's select: the passes of select_engine.hpp, in the halves of runtime/suspension.hpp.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <tuple>
#include <utility>

#include "primitives/internal/select_case.hpp"
#include "primitives/internal/select_engine.hpp"
#include "primitives/select.hpp"
#include "runtime/flavour.hpp"
#include "runtime/suspension.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::primitives {

class awaited_select_base : public runtime::awaitable {
 protected:
  explicit awaited_select_base(select_entry* room) noexcept : plan_(room) {}
  ~awaited_select_base() = default;

  void block() override;
  bool begin(runtime::waiter& self, runtime::wait_plan& plan) override;
  bool after_wake(runtime::park_result why) noexcept override;
  bool give_up() noexcept override;

  // After the wait. Throws channel_error as select() does.
  select_outcome outcome() const { return blocked_ ? outcome_ : outcome_of(plan_, end_); }

  select_plan plan_;

 private:
  parked_operation operation_{true};
  select_end end_;
  bool blocked_ = false;
  select_outcome outcome_{};
  runtime::timer_entry timer_;
};

// Keeps the cases that are made for it and refers to those that are not.
template <class... Cases>
class [[nodiscard]] awaited_select : public awaited_select_base {
 public:
  explicit awaited_select(Cases&&... cases)
      : awaited_select_base(entries_), cases_(std::forward<Cases>(cases)...) {}

  bool await_ready() {
    int position = 0;
    std::apply([&](auto&... one) { (one.enlist(plan_, position++), ...); }, cases_);
    return false;
  }
  int await_resume() {
    const select_outcome taken = outcome();
    with_case(taken.position, [&](auto& one) { one.finish(taken.received); });
    return taken.position;
  }

 private:
  void discard() noexcept override {
    try {
      const select_outcome taken = outcome();
      with_case(taken.position, [&](auto& one) { one.discard(taken.received); });
    } catch (const channel_error&) {
      // It brought nothing but that.
    }
  }

  template <class Use>
  void with_case(int position, Use use) {
    int i = 0;
    std::apply(
        [&](auto&... one) { static_cast<void>(((i++ == position && (use(one), true)) || ...)); },
        cases_);
  }

  std::tuple<Cases...> cases_;
  select_entry entries_[sizeof...(Cases) + 1];
};

// Refers to the cases.
class [[nodiscard]] awaited_select_of_many : public awaited_select_base {
 public:
  explicit awaited_select_of_many(std::span<select_case> cases)
      : awaited_select_base(nullptr),
        cases_(cases),
        entries_(std::make_unique_for_overwrite<select_entry[]>(cases.size())) {
    plan_.entries = entries_.get();
  }

  bool await_ready();
  int await_resume();

 private:
  void discard() noexcept override;

  std::span<select_case> cases_;
  std::unique_ptr<select_entry[]> entries_;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives

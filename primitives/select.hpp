// Select: waits for several channels at once and does one operation, with Go's rules.
//
//   int taken = gobench::select(
//       gobench::on_recv(requests, [&](std::optional<request> r) { if (r) handle(*r); }),
//       gobench::on_send(results, value, [&] { ++sent; }),
//       gobench::after(100ms, [&] { ++late; }));
//
// Rules
//  - Exactly one case is done, and its position is returned. Of several that are ready, each is chosen with
//    the same probability. Without `otherwise` select waits until one is ready.
//  - otherwise() is taken if at some moment during the call no other case was ready; after(d) if none
//    has become ready in that time (at once for d <= 0). The time counts from when select has to wait. Of
//    several after(), the shortest counts.
//  - A receive is ready when a value is there or the channel is closed: then its callback gets nullopt. A send
//    on a closed channel is ready, and throws channel_error when it is chosen.
//  - Cases on nil channels are skipped. Without any other case, without after and otherwise, select waits
//    for ever. The same channel may be in several cases; a select never meets itself.
//  - Values to send are made when the case is: those not sent are destroyed with their case, and have had no
//    effect on the channel.
//  - The callback runs after all is done, in the caller; what it throws leaves select. It may use any channel.
//
// Happens before: as for the operation that is done. The others order nothing.
//
// From fibers, task threads and OS threads that the runtime did not start. Select allocates nothing, apart from
// what boxed values (chan.hpp) and more than 8 cases in a vector need.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "primitives/chan.hpp"
#include "primitives/internal/select_case.hpp"
#include "primitives/internal/select_engine.hpp"
#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

// Receive from `from`, a chan or receiver. f takes std::optional<T>, or nothing. A case only refers to a
// handle that is an lvalue (a temporary is kept): do not let the handle go before the select.
template <class T, class F = primitives::no_callback>
auto on_recv(const chan<T>& from, F f = {}) {
  return primitives::recv_case<T, F>(from, std::move(f));
}
template <class T, class F = primitives::no_callback>
auto on_recv(chan<T>&& from, F f = {}) {
  return primitives::recv_case<T, F>(std::move(from), std::move(f));
}
template <class T, class F = primitives::no_callback>
auto on_recv(const receiver<T>& from, F f = {}) {
  return primitives::recv_case<T, F>(from, std::move(f));
}
template <class T, class F = primitives::no_callback>
auto on_recv(receiver<T>&& from, F f = {}) {
  return primitives::recv_case<T, F>(std::move(from), std::move(f));
}

// Send `value` to `to`, a chan or sender. f takes nothing. The case is good for one send.
template <class T, class F = primitives::no_callback>
auto on_send(const chan<T>& to, std::type_identity_t<T> value, F f = {}) {
  return primitives::send_case<T, F>(to, value, std::move(f));
}
template <class T, class F = primitives::no_callback>
auto on_send(chan<T>&& to, std::type_identity_t<T> value, F f = {}) {
  return primitives::send_case<T, F>(std::move(to), value, std::move(f));
}
template <class T, class F = primitives::no_callback>
auto on_send(const sender<T>& to, std::type_identity_t<T> value, F f = {}) {
  return primitives::send_case<T, F>(to, value, std::move(f));
}
template <class T, class F = primitives::no_callback>
auto on_send(sender<T>&& to, std::type_identity_t<T> value, F f = {}) {
  return primitives::send_case<T, F>(std::move(to), value, std::move(f));
}

// Give up after d.
template <class Rep, class Period, class F = primitives::no_callback>
auto after(std::chrono::duration<Rep, Period> d, F f = {}) {
  return primitives::after_case<F>(primitives::whole_nanoseconds(d), std::move(f));
}

// Do not wait.
template <class F = primitives::no_callback>
auto otherwise(F f = {}) {
  return primitives::otherwise_case<F>(std::move(f));
}

namespace primitives {
class awaited_select_of_many;
}

// A case of any kind, for a number of cases that is known only at run time. It keeps its channel. A receiving
// case may be used in any number of selects, a sending one until it has sent.
class select_case {
 public:
  template <primitives::select_case_type C>
  // NOLINTNEXTLINE(google-explicit-constructor): so that a vector takes on_recv(...) and the rest
  select_case(C one) : case_(std::make_unique<model<C>>(std::move(one))) {}

 private:
  friend int select(std::span<select_case> cases);
  friend class primitives::awaited_select_of_many;

  struct concept_type {
    virtual ~concept_type() = default;
    virtual void enlist(primitives::select_plan& plan, int position) = 0;
    virtual void finish(bool received) = 0;
    virtual void discard(bool received) = 0;
  };
  template <class C>
  struct model final : concept_type {
    explicit model(C&& c) : one(std::move(c)) { one.keep(); }
    void enlist(primitives::select_plan& plan, int position) override {
      one.enlist(plan, position);
    }
    void finish(bool received) override { one.finish(received); }
    void discard(bool received) override { one.discard(received); }
    C one;
  };

  std::unique_ptr<concept_type> case_;
};

// Does one of the cases and returns its position.
template <primitives::select_case_type... Cases>
int select(Cases&&... cases) {
  static_assert((0 + ... + int{primitives::is_otherwise<std::remove_cvref_t<Cases>>}) <= 1,
                "a select takes one otherwise() at most");
  primitives::select_entry entries[sizeof...(Cases) + 1];
  primitives::select_plan plan(entries);
  int position = 0;
  (cases.enlist(plan, position++), ...);
  const primitives::select_outcome outcome = primitives::run_select(plan);
  position = 0;
  static_cast<void>(
      ((position++ == outcome.position && (cases.finish(outcome.received), true)) || ...));
  return outcome.position;
}

// The same for cases in an array or a vector. Throws misuse for a second otherwise() and for a sending case
// that has sent already, before it does anything.
int select(std::span<select_case> cases);
inline int select(std::vector<select_case>& cases) { return select(std::span(cases)); }
inline int select(std::vector<select_case>&& cases) { return select(std::span(cases)); }

}  // namespace gobench::inline GOBENCH_FLAVOUR

// What coroutines await: channels, select, locks and the rest. With what is in runtime/co_task.hpp:
//
//   gobench::co_task<> serve(gobench::chan<request> requests, gobench::event& stop, gobench::mutex& m) {
//     while (auto r = co_await gobench::co::recv(requests)) {
//       auto held = co_await gobench::co::lock(m);   // a std::unique_lock
//       handle(*r);
//     }
//     co_await gobench::co::select(gobench::on_recv(done, [](auto) {}), gobench::after(1s));
//     co_await gobench::co::wait(stop);
//   }
//
// Each does what the method of the same name does, waits in the same queue in the same order, and orders
// what that orders; fibers, threads and coroutines share an object freely. Only that who waits here has given
// its stack up. Make it and await it in one expression; what it refers to has to outlive that.
//
// A std::scoped_lock of a gobench::mutex works in a coroutine too, also across a co_await: but lock() keeps a
// stack while it waits, and co::lock does not. A coroutine that is destroyed by the end of the run while it waits
// leaves the queue; a lock or a value that it was given meanwhile is given up.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "primitives/chan.hpp"
#include "primitives/condition_variable.hpp"
#include "primitives/internal/awaited_channel.hpp"
#include "primitives/internal/awaited_lock.hpp"
#include "primitives/internal/awaited_select.hpp"
#include "primitives/select.hpp"
#include "runtime/co_task.hpp"
#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::co {

// A channel that is not nil stays alive by the handle that is passed. std::optional<T>: nullopt once the channel
// is closed and drained.
template <class T>
primitives::awaited_recv<T> recv(const receiver<T>& from) {
  return primitives::awaited_recv<T>(from);
}
template <class T>
primitives::awaited_recv<T> recv(const chan<T>& from) {
  return primitives::awaited_recv<T>(from);
}
// nullopt also when the time is over.
template <class T, class Rep, class Period>
primitives::awaited_recv_for<T> recv_for(const receiver<T>& from,
                                         std::chrono::duration<Rep, Period> d) {
  return primitives::awaited_recv_for<T>(from, primitives::whole_nanoseconds(d));
}
template <class T, class Rep, class Period>
primitives::awaited_recv_for<T> recv_for(const chan<T>& from,
                                         std::chrono::duration<Rep, Period> d) {
  return primitives::awaited_recv_for<T>(from, primitives::whole_nanoseconds(d));
}

// Throws channel_error when the channel is closed, also while it waits.
template <class T>
primitives::awaited_send<T> send(const sender<T>& to, std::type_identity_t<T> value) {
  return primitives::awaited_send<T>(to, value);
}
template <class T>
primitives::awaited_send<T> send(const chan<T>& to, std::type_identity_t<T> value) {
  return primitives::awaited_send<T>(to, value);
}
// bool: false when the time is over.
template <class T, class Rep, class Period>
primitives::awaited_send_for<T> send_for(const sender<T>& to, std::type_identity_t<T> value,
                                         std::chrono::duration<Rep, Period> d) {
  return primitives::awaited_send_for<T>(to, value, primitives::whole_nanoseconds(d));
}
template <class T, class Rep, class Period>
primitives::awaited_send_for<T> send_for(const chan<T>& to, std::type_identity_t<T> value,
                                         std::chrono::duration<Rep, Period> d) {
  return primitives::awaited_send_for<T>(to, value, primitives::whole_nanoseconds(d));
}

// int: the position of the case that was done; of cases in an array or vector, too. The rules of select(), fairness included; callbacks are plain
// functions and run in the coroutine, after the wait.
inline primitives::awaited_select_of_many select(std::span<select_case> cases) {
  return primitives::awaited_select_of_many(cases);
}
inline primitives::awaited_select_of_many select(std::vector<select_case>& cases) {
  return primitives::awaited_select_of_many(cases);
}
template <primitives::select_case_type... Cases>
primitives::awaited_select<Cases...> select(Cases&&... cases) {
  static_assert((0 + ... + int{primitives::is_otherwise<std::remove_cvref_t<Cases>>}) <= 1,
                "a select takes one otherwise() at most");
  return primitives::awaited_select<Cases...>(std::forward<Cases>(cases)...);
}

// std::unique_lock<mutex>, which holds it.
inline primitives::awaited_mutex lock(mutex& m) { return primitives::awaited_mutex(m); }

// Nothing; the units are the caller's to release(). Throws misuse for a negative number.
inline primitives::awaited_semaphore acquire(semaphore& s, std::int64_t units = 1) {
  return {s, units};
}

// Nothing. Of an event: it is set; of a wait_group or latch: its count is zero.
inline primitives::awaited_event wait(event& e) { return primitives::awaited_event(e); }
inline primitives::awaited_latch wait(latch& gate) { return primitives::awaited_latch(gate); }
inline primitives::awaited_wait_group wait(wait_group& group) {
  return primitives::awaited_wait_group(group);
}

// Unlocks, waits for a notify, locks again. Throws misuse when `held` does not hold its lock. Left unlocked when the
// run ends meanwhile. A frame of its own; with a predicate, until that is satisfied.
inline co_task<> wait(condition_variable& changed, std::unique_lock<mutex>& held) {
  mutex* const m = held.mutex();
  co_await primitives::awaited_condition(changed, held);
  held = co_await lock(*m);
}
template <class Predicate>
co_task<> wait(condition_variable& changed, std::unique_lock<mutex>& held, Predicate satisfied) {
  while (!satisfied()) co_await wait(changed, held);
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::co

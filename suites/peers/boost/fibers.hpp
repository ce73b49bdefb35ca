// Boost.Fiber as a carrier of tasks (suites/carrier.hpp).
//
// Invariants
//  - A run has threads of its own, so many as processors, and leaves none behind. One of them runs under the
//    library's round_robin; more share one queue (shared_work). work_stealing is left out: it may be set up
//    only once in the life of a process, for one number of threads.
//  - Threads without work look for some without sleeping, which is the library's default. It makes wake-ups fast,
//    and the CPU time that of all processors.
//  - Stacks are small (16 KiB), and on one processor they come from the library's pool, which cannot be shared
//    by threads: fibers are started as cheaply as the library can.
//  - A task is joined at the latest when its handle goes.
#pragma once

#include <boost/fiber/algo/shared_work.hpp>
#include <boost/fiber/condition_variable.hpp>
#include <boost/fiber/fiber.hpp>
#include <boost/fiber/fixedsize_stack.hpp>
#include <boost/fiber/mutex.hpp>
#include <boost/fiber/operations.hpp>
#include <boost/fiber/pooled_fixedsize_stack.hpp>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <utility>

#include "suites/registry.hpp"

namespace gobench::suites::peers {

struct boost_fibers {
  static constexpr std::size_t stack_bytes = 16 * 1024;

  class event {
   public:
    void wait() {
      std::unique_lock held(lock_);
      changed_.wait(held, [this] { return set_; });
    }
    void set() {
      const std::scoped_lock held(lock_);
      set_ = true;
      changed_.notify_all();
    }

   private:
    boost::fibers::mutex lock_;
    boost::fibers::condition_variable changed_;
    bool set_ = false;
  };

  class task {
   public:
    template <class Body>
    explicit task(Body body)
        : thrown_(std::make_unique<std::exception_ptr>()),
          fiber_(start([body = std::move(body), thrown = thrown_.get()]() mutable {
            // The library ends the program where a fiber throws.
            try {
              body();
            } catch (const std::exception&) {
              *thrown = std::current_exception();
            }
          })) {}
    task(task&&) = default;
    task& operator=(task&&) = delete;
    ~task() {
      if (fiber_.joinable()) fiber_.join();
    }

    void join() {
      fiber_.join();
      if (*thrown_) std::rethrow_exception(*thrown_);
    }

   private:
    std::unique_ptr<std::exception_ptr> thrown_;
    boost::fibers::fiber fiber_;
  };

  // main() runs as the first fiber of a thread.
  static void run(const point& where, const std::function<void()>& main);

  template <class Body>
  static task go(Body body) {
    return task(std::move(body));
  }
  static void yield() { boost::this_fiber::yield(); }

  // A fiber of the library, with one of our stacks. Its body must not throw.
  template <class Body>
  static boost::fibers::fiber start(Body body) {
    if (boost::fibers::pooled_fixedsize_stack* pool = stack_pool()) {
      return {std::allocator_arg, *pool, std::move(body)};
    }
    return {std::allocator_arg, boost::fibers::fixedsize_stack(stack_bytes), std::move(body)};
  }

 private:
  // That of the run on the calling thread; null when there is more than one thread.
  static boost::fibers::pooled_fixedsize_stack* stack_pool() noexcept;
};

}  // namespace gobench::suites::peers

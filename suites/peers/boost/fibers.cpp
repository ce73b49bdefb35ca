#include "suites/peers/boost/fibers.hpp"

#include <barrier>
#include <system_error>
#include <thread>
#include <vector>

namespace gobench::suites::peers {

namespace {

thread_local boost::fibers::pooled_fixedsize_stack* pool_of_thread = nullptr;

void run_on_this_thread(const std::function<void()>& main) {
  boost::fibers::pooled_fixedsize_stack pool(boost_fibers::stack_bytes);
  pool_of_thread = &pool;
  main();
  pool_of_thread = nullptr;
}

// Throws std::system_error where the system refuses a thread; main() does not throw.
void run_on_threads(int procs, const std::function<void()>& main) {
  boost_fibers::event ended;
  // The fibers of main() must not begin before all threads share them.
  std::barrier ready(procs);
  const auto share = [&ready] {
    boost::fibers::use_scheduling_algorithm<boost::fibers::algo::shared_work>();
    ready.arrive_and_wait();
  };
  std::vector<std::thread> others;
  std::exception_ptr refused;
  try {
    for (int i = 1; i < procs; ++i) {
      others.emplace_back([&] {
        share();
        ended.wait();
      });
    }
  } catch (const std::system_error&) {
    refused = std::current_exception();
    for (int i = static_cast<int>(others.size()) + 1; i < procs; ++i) ready.arrive_and_drop();
  }
  share();
  if (!refused) main();
  ended.set();
  for (std::thread& one : others) one.join();
  if (refused) std::rethrow_exception(refused);
}

}  // namespace

void boost_fibers::run(const point& where, const std::function<void()>& main) {
  std::exception_ptr thrown;
  const auto noted = [&thrown](const auto& body) {
    try {
      body();
    } catch (const std::exception&) {
      thrown = std::current_exception();
    }
  };
  // A thread keeps its first scheduler for life, so each run begins on a fresh one.
  std::thread first([&] {
    noted([&] {
      const auto guarded = [&] { noted(main); };
      if (where.procs == 1) {
        run_on_this_thread(guarded);
      } else {
        run_on_threads(where.procs, guarded);
      }
    });
  });
  first.join();
  if (thrown) std::rethrow_exception(thrown);
}

// Not inlined: a fiber may go on on another thread, and the address of a thread's variable must not be
// kept across that.
[[gnu::noinline]] boost::fibers::pooled_fixedsize_stack* boost_fibers::stack_pool() noexcept {
  return pool_of_thread;
}

}  // namespace gobench::suites::peers

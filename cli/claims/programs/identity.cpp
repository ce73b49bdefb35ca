// What a task could be asked for if it had an identity that programs see. Claim V8: the compiler refuses the lines that
// say so, and takes the others.
#include <gobench.hpp>
#include <thread>

void of_threads() {
  const std::thread::id mine = std::this_thread::get_id();
  std::thread other([] {});
  const std::thread::id its = other.get_id();
  static_cast<void>(mine == its);
  other.join();
}

void of_tasks(gobench::task& other) {
  other.get_id();                // refused
  other.id();                    // refused
  other.native_handle();         // refused
  gobench::this_task::get_id();  // refused
  gobench::current_task();       // refused
  gobench::find_task(1);         // refused
  other.join();
}

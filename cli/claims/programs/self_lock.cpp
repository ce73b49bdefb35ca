// A task locks a mutex that it has locked already. Claim R3.
#include <gobench.hpp>
#include <mutex>

int main() {
  return gobench::run([] {
    gobench::mutex guard;
    const std::lock_guard first(guard);
    const std::lock_guard second(guard);
  });
}

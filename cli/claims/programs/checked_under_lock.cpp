// Two threads take 60 from an account of 100, each if there is enough, and look and take under one lock. Claim R2.
#include <cassert>
#include <mutex>
#include <thread>

int main() {
  int balance = 100;
  std::mutex guard;
  const auto withdraw = [&] {
    const std::lock_guard held(guard);
    if (balance >= 60) balance -= 60;
  };
  std::thread one(withdraw);
  std::thread other(withdraw);
  one.join();
  other.join();
  assert(balance >= 0);
  return 0;
}

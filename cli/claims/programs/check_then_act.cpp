// Two threads take 60 from an account of 100, each if there is enough. Every access is atomic, so there is no data race;
// that both look before either takes is a race condition all the same. Claim R2.
//
// With an argument nobody looks at the result: that is for the detector, which has nothing to report in any schedule.
#include <atomic>
#include <cassert>
#include <thread>

int main(int argc, char**) {
  std::atomic<int> balance = 100;
  const auto withdraw = [&] {
    if (balance.load() >= 60) balance.fetch_sub(60);
  };
  std::thread one(withdraw);
  std::thread other(withdraw);
  one.join();
  other.join();
  if (argc == 1) assert(balance.load() >= 0);
  return 0;
}

// A receive from a channel that was never made, which nobody can ever send to. Claim R6.
#include <gobench.hpp>

int main() {
  return gobench::run([] {
    const gobench::chan<int> nil;
    nil.recv();
  });
}

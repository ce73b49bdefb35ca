// Looks for a schedule in which two threads both get the last seat. In the plain flavour it says what it needs.
#include <atomic>
#include <gobench.hpp>
#include <iostream>
#include <stdexcept>
#include <thread>

int main() {
  try {
    const auto found = gobench::explore([] {
      std::atomic<int> seats{1};
      std::atomic<int> sold{0};
      const auto sell = [&] {
        if (seats.load() > 0) {  // another one may take it here
          seats.fetch_sub(1);
          ++sold;
        }
      };
      std::thread one(sell);
      std::thread other(sell);
      one.join();
      other.join();
      if (sold > 1) throw std::runtime_error("a seat was sold twice");
    });
    std::cout << found.text() << '\n';
  } catch (const std::logic_error& plain) {
    std::cout << plain.what() << '\n';
  }
}

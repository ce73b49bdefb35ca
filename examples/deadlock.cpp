// Two tasks that wait for each other: run() finds out and says who waits for what.
#include <cstdio>
#include <gobench.hpp>
#include <string>

int main() {
  try {
    gobench::run([] {
      auto orders = gobench::make_chan<std::string>();
      auto replies = gobench::make_chan<std::string>();
      auto cook = gobench::go([=] {
        replies.send("ready");  // nobody listens yet
        orders.recv();
      });
      orders.send("soup");  // and the cook does not listen either
      replies.recv();
      cook.join();
    });
  } catch (const gobench::deadlock& found) {
    std::printf("%s\n", found.what());
    return 0;
  }
  return 1;
}

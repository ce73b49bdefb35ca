// A closed channel refuses what cannot be meant, with an error that says what it was. Claim R6.
#include <gobench.hpp>

namespace {

template <class F>
bool throws(gobench::channel_error::reason wanted, F f) {
  try {
    f();
  } catch (const gobench::channel_error& error) {
    return error.kind() == wanted;
  }
  return false;
}

bool all_refused() {
  using gobench::channel_error;
  auto closed = gobench::make_chan<int>(1);
  closed.close();
  const gobench::chan<int> nil;
  return throws(channel_error::send_on_closed, [&] { closed.send(1); }) &&
         throws(channel_error::send_on_closed, [&] { closed.try_send(1); }) &&
         throws(channel_error::close_of_closed, [&] { closed.close(); }) &&
         throws(channel_error::close_of_nil, [&] { nil.close(); }) && !closed.recv();
}

}  // namespace

int main() {
  return gobench::run([] { return all_refused() ? 0 : 1; });
}

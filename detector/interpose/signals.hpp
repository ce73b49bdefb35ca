// Edges of signals: who makes one come is before its handler.
#pragma once

namespace gobench::detector::interpose {

constexpr int signal_count = 65;

// Before anything that makes signal `number` come.
void signal_sent(int number) noexcept;
// Whether the program has a function for it.
bool is_handled(int number) noexcept;
// By whoever got it other than in a handler: sigwait, signalfd.
void signal_received(int number) noexcept;
// Before a timer is set whose signal is not known here.
void timer_set() noexcept;
// After one has expired, other than in a handler.
void timer_expired() noexcept;

}  // namespace gobench::detector::interpose

// Results that become ready when a thread ends.
#pragma once

namespace gobench::detector::interpose {

// The calling thread's function has returned, and its keys are about to be destroyed.
void promises_of_thread_end() noexcept;

}  // namespace gobench::detector::interpose

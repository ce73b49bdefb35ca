// Robust mutexes that their owner leaves locked when it ends.
#pragma once

namespace gobench::detector::interpose {

// Whoever gets EOWNERDEAD is ordered after the ends of all threads that used such mutexes. True if the caller has.
bool robust_mutexes_of_thread_end() noexcept;

}  // namespace gobench::detector::interpose

// Locking on behalf of an interposed function: what pthread_mutex_lock, mtx_lock and condition waits share.
#pragma once

#include <pthread.h>

#include "detector/engine/engine.hpp"

namespace gobench::detector::interpose {

// The caller is not internal.
int mutex_lock(pthread_mutex_t* mutex, address pc);
int mutex_unlock(pthread_mutex_t* mutex, address pc);
// After a real attempt to lock that does not wait for ever, with its result.
void mutex_tried(pthread_mutex_t* mutex, int result, address pc) noexcept;

}  // namespace gobench::detector::interpose

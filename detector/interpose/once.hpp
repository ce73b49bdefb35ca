// pthread_once on behalf of an interposed function.
#pragma once

#include <pthread.h>

#include "detector/engine/engine.hpp"

namespace gobench::detector::interpose {

int call_once(pthread_once_t* control, void (*run)(), address pc);

}  // namespace gobench::detector::interpose

#include "detector/engine/schedule.hpp"

namespace gobench::detector::schedule {

constinit bool explored = false;
constinit bool accesses_explored = false;
constinit step_function step = nullptr;
constinit step_function access_step = nullptr;

}  // namespace gobench::detector::schedule

// What runs a case of tasks: the main task of a run.
#include "tests/corpus/explore/tasks.hpp"

namespace corpus {

void start(void (*run)()) { gobench::run(run); }

}  // namespace corpus

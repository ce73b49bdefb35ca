// What runs a case of threads: the main thread.
#include "tests/corpus/explore/threads.hpp"

namespace corpus {

void start(void (*run)()) { run(); }

}  // namespace corpus

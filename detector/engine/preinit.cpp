// Start-up before everything else that the program runs. Only legal in an executable, so this file is in the archive and
// not in the shared object.
#include "detector/engine/start.hpp"

extern "C" {
__attribute__((section(".preinit_array"), used)) void (*gobench_detector_start)() =
    [] { gobench::detector::start_up(); };
}

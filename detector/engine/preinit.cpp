// Start-up before everything else that the program runs. Only legal in an executable, so this file is in the archive and
// not in the shared object.
#include "detector/engine/start.hpp"

extern "C" {
// The arguments that the loader gives to such functions; libc does not know its environment yet.
__attribute__((section(".preinit_array"), used)) void (*gobench_detector_start)(int, char**,
                                                                                char**) =
    [](int, char**, char** environment) {
      gobench::detector::initial_environment = environment;
      gobench::detector::start_up();
    };
}

#include "cli/program.hpp"

int main(int argc, char** argv) { return gobench::cli::run_program(argc, argv); }

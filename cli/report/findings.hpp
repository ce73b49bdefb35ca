// Findings that gobench race and gobench explore have written (--json).
#pragma once

#include <string>

#include "cli/report/page.hpp"

namespace gobench::cli::report {

// Throws environment_error with a sentence for a file that cannot be read or has no findings of ours.
findings_file read_findings(const std::string& file);

}  // namespace gobench::cli::report

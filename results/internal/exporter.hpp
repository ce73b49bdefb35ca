// How an exporter makes itself known. One static object in the file of the exporter:
//
//   const exporter_registration registered{"csv", {".csv"}, make};
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "results/internal/output.hpp"
#include "results/sink.hpp"

namespace gobench::results::internal {

using exporter_maker =
    std::function<std::unique_ptr<sink>(std::unique_ptr<output>, const sink_options&)>;

struct exporter_registration {
  // `endings` of file names ask for this format; the longest that fits counts.
  exporter_registration(std::string name, std::vector<std::string> endings, exporter_maker make);
};

}  // namespace gobench::results::internal

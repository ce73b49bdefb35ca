#include "cli/inputs.hpp"

#include <algorithm>
#include <iostream>
#include <system_error>

#include "cli/failure.hpp"
#include "cli/messages.hpp"
#include "results/store.hpp"
#include "suites/registry.hpp"

namespace gobench::cli {

results::read_options usual_read_options() {
  results::read_options made;
  for (const suites::suite& one : suites::all_suites()) {
    for (const suites::parameter& p : one.parameters) made.parameters.push_back(p.name);
  }
  return made;
}

results::file_content read_input(const std::string& file, const results::sample_taker& take) {
  const results::read_options how = usual_read_options();
  if (file.size() > 1 && file.front() == '@') {
    try {
      results::store kept(results::default_store());
      const results::stored_run run = kept.find(file.substr(1));
      kept.load(run.id, "", take);
      return {.format = "store",
              .about = run.about,
              .columns = run.columns,
              .samples = run.samples,
              .remarks = {}};
    } catch (const results::store_error& refused) {
      throw environment_error(refused.what());
    }
  }
  try {
    return file == "-" ? results::read_samples(std::cin, "standard input", take, how)
                       : results::read_samples(file, take, how);
  } catch (const results::malformed_file& refused) {
    throw environment_error(refused.what());
  } catch (const std::system_error& refused) {
    throw environment_error(messages::cannot_read(refused.what()));
  }
}

}  // namespace gobench::cli
